// The hosts that are judged. These functions are carried out in Node or in a page, so they know nothing around them.

/** Starts a host in each lattice (its other options by the lattice's name); gives their ids. */
export async function startHosts({ entry, nats, servers, lattices, insecureRegistries }) {
  const [{ createHost }, { natsBus }] = await Promise.all([import(entry), import(nats)]);
  globalThis.judged ??= [];
  const ids = {};
  for (const [lattice, member] of Object.entries(lattices)) {
    const bus = await natsBus({ servers });
    const artifacts = { cache: false, insecureRegistries };
    const host = await createHost({ lattice, bus, member, artifacts, deadline: 120_000, labels: { judged: "yes" }, onOutput: () => undefined });
    globalThis.judged.push({ host, bus });
    ids[lattice] = host.id;
  }
  return ids;
}

/** Stops them. */
export async function stopHosts() {
  for (const { host, bus } of globalThis.judged.splice(0)) {
    await host.stop();
    await bus.close();
  }
}
