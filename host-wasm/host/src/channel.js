// Announces a channel: one call for what would be one for each of its properties.

/** A `ChannelRef` of `npm/src/core.ts`. What is given lies in the core's memory, so it is copied. */
export function channelRef(path, id, ready) {
  const channel = { path: [], id };
  // Not `Array.from`, which takes longer than all the rest.
  for (let i = 0; i < path.length; i++) channel.path.push(path[i]);
  if (ready !== undefined) channel.ready = ready.slice();
  return channel;
}
