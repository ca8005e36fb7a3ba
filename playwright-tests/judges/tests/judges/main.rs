//! Native judges of a Trellis host: the control interface client, the wRPC transport and the provider SDK of the wasmCloud
//! 1.x generation, as its own programs use them. `run.mjs` starts what they judge and says where it is.

mod calls;
mod control;
mod provider;
mod world;
