//! `wasi:cli`: arguments, environment, standard streams and exit. Standard input is closed; there is no terminal.

use trellis_error::{Error, Result};
use trellis_wrpc::{Reader, Write};

use crate::io::{InputStream, OutputStream, Sink};
use crate::lookup::Interface;
use crate::{Ctx, Reply, Stdio};

pub(crate) const INTERFACES: &[Interface] = &[
    Interface::preview2(
        "wasi:cli/environment",
        &[],
        &[
            ("get-environment", get_environment, false),
            ("get-arguments", get_arguments, false),
            ("initial-cwd", none, false),
        ],
    ),
    Interface::preview2("wasi:cli/exit", &[], &[("exit", exit, false), ("exit-with-code", exit_with_code, false)]),
    Interface::preview2("wasi:cli/stdin", &[], &[("get-stdin", get_stdin, false)]),
    Interface::preview2("wasi:cli/stdout", &[], &[("get-stdout", get_stdout, false)]),
    Interface::preview2("wasi:cli/stderr", &[], &[("get-stderr", get_stderr, false)]),
    Interface::preview2("wasi:cli/terminal-input", &["terminal-input"], &[]),
    Interface::preview2("wasi:cli/terminal-output", &["terminal-output"], &[]),
    Interface::preview2("wasi:cli/terminal-stdin", &[], &[("get-terminal-stdin", none, false)]),
    Interface::preview2("wasi:cli/terminal-stdout", &[], &[("get-terminal-stdout", none, false)]),
    Interface::preview2("wasi:cli/terminal-stderr", &[], &[("get-terminal-stderr", none, false)]),
];

fn get_environment(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let env = &ctx.settings().env;
    out.unsigned(env.len() as u64);
    for (name, value) in env {
        out.str(name);
        out.str(value);
    }
    Ok(Reply::Done)
}

fn get_arguments(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    let args = &ctx.settings().args;
    out.unsigned(args.len() as u64);
    args.iter().for_each(|arg| out.str(arg));
    Ok(Reply::Done)
}

fn none(_ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.u8(0);
    Ok(Reply::Done)
}

fn exit(_ctx: &Ctx, params: &mut Reader<'_>, _out: &mut Vec<u8>) -> Result<Reply> {
    Err(Error::exit(params.bool()?.into()))
}

fn exit_with_code(_ctx: &Ctx, params: &mut Reader<'_>, _out: &mut Vec<u8>) -> Result<Reply> {
    Err(Error::exit(params.u8()?))
}

fn get_stdin(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.handle(ctx.push(InputStream::Closed)?);
    Ok(Reply::Done)
}

fn get_stdout(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.handle(ctx.push(OutputStream::new(Sink::Stdio(Stdio::Out)))?);
    Ok(Reply::Done)
}

fn get_stderr(ctx: &Ctx, _params: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<Reply> {
    out.handle(ctx.push(OutputStream::new(Sink::Stdio(Stdio::Err)))?);
    Ok(Reply::Done)
}
