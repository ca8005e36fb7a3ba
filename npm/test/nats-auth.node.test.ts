/** How a bus shows a NATS server who it is, and what comes of it when the server does not believe it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from "@nats-io/jwt";
import { createAccount, createOperator, createUser, type KeyPair } from "@nats-io/nkeys";
import { natsBus, type NatsAuth } from "trellis-host/nats";

import { startNatsServer, type NatsServer } from "../../scripts/lib/nats-server.mjs";
import { noUnhandledRejections } from "./support/leftovers.js";
import { hasWebSocket } from "./support/nats.js";
import { Proxy } from "./support/proxy.js";
import { Statuses } from "./support/statuses.js";

noUnhandledRejections();

const unauthorized = { code: "connection", fault: "unauthorized", message: /does not let us in.*check `auth`/s };
const invalid = { code: "invalid-argument" };
const seedOf = (keys: KeyPair): string => new TextDecoder().decode(keys.getSeed());
const [user, stranger] = [createUser(), createUser()];

authTests("user and password", `authorization { user: "a", password: "p" }`, {
  good: [{ user: "a", password: "p" }],
  bad: [{ user: "a", password: "q" }, { token: "p" }, undefined],
});
authTests("a token", `authorization { token: "t" }`, { good: [{ token: "t" }], bad: [{ token: "u" }, undefined] });
authTests("an nkey", `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`, {
  good: [{ nkey: seedOf(user) }, { nkey: `${seedOf(user)}\n` }],
  bad: [{ nkey: seedOf(stranger) }, undefined],
});

const [operator, account, other] = [createOperator(), createAccount(), createAccount()];
const operatorJwt = await encodeOperator("operator", operator);
const accountJwt = await encodeAccount("account", account, { limits: { conn: -1, subs: -1, data: -1, payload: -1, wildcards: true, leaf: -1, imports: -1, exports: -1 } }, { signer: operator });
const jwt = await encodeUser("user", user, account);
const strangerJwt = await encodeUser("stranger", stranger, other);
const creds = new TextDecoder().decode(fmtCreds(jwt, user));
authTests("a JWT", `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload { ${account.getPublicKey()}: ${accountJwt} }`, {
  good: [{ jwt, seed: seedOf(user) }, { creds }, { creds: creds.trim() }, { creds: creds.replaceAll("\n", "\r\n") }],
  bad: [{ jwt, seed: seedOf(stranger) }, { jwt: strangerJwt, seed: seedOf(stranger) }, undefined],
}, false);

function authTests(name: string, config: string, { good, bad }: { good: NatsAuth[]; bad: (NatsAuth | undefined)[] }, jetStream = true): void {
  describe(name, () => {
    let server: NatsServer;
    before(async () => {
      server = await startNatsServer({ config, jetStream });
    });
    after(() => server.stop());

    for (const url of [() => server.url, ...hasWebSocket ? [() => server.webSocketUrl] : []]) {
      test("what is right is let in", async () => {
        for (const auth of good) {
          for (const given of [auth, () => auth]) {
            const bus = await natsBus({ servers: url(), auth: given });
            await bus.flush();
            await bus.close();
          }
        }
      });

      test("what is wrong is told", async () => {
        for (const auth of bad) {
          await assert.rejects(natsBus({ servers: url(), ...auth !== undefined && { auth } }), unauthorized, JSON.stringify(auth));
        }
      });
    }
  });
}

test("credentials that cannot be used are refused before anything is sent", async () => {
  const servers = "nats://127.0.0.1:1";
  const halves = [{ jwt }, { seed: seedOf(user) }, { jwt, seed: "" }] as unknown as NatsAuth[];
  for (const auth of halves) {
    await assert.rejects(natsBus({ servers, auth }), { ...invalid, message: "cannot authenticate if only one of jwt or seed is specified" });
  }
  for (const auth of [{ nkey: "SUAWRONG" }, { jwt, seed: "nonsense" }, { creds: "no creds" }, { nkey: user.getPublicKey() }]) {
    await assert.rejects(natsBus({ servers, auth }), { ...invalid, message: /`auth` cannot be used/ }, JSON.stringify(auth));
  }
});

test("credentials are asked for at each attempt", async () => {
  const server = await startNatsServer({ config: `authorization { users: [{ user: "a", password: "1" }, { user: "a2", password: "2" }] }` });
  const proxy = await Proxy.start(server.port);
  const statuses = new Statuses();
  const users = ["a", "a", "a2"];
  const asked: string[] = [];
  const auth = (): NatsAuth => {
    const name = users[asked.length] ?? "a2";
    asked.push(name);
    return { user: name, password: name === "a" ? "1" : "2" };
  };
  const bus = await natsBus({ servers: `nats://127.0.0.1:${proxy.port}`, auth, onStatus: statuses.hear, reconnect: { minDelay: 1 } });
  await statuses.next("connected");
  proxy.cut();
  await statuses.next("connected");
  // The first time shows whether they can be used at all.
  assert.deepEqual(asked, ["a", "a", "a2"]);
  await bus.close();
  await proxy.stop();
  await server.stop();
});

test("what a user may not do is told, and who waits for it hears of it", async () => {
  const server = await startNatsServer({
    config: `authorization { users: [{ user: "a", password: "p", permissions: { publish: ["open.>", "_INBOX.>"], subscribe: ["open.>", "_IN.>"] } }] }`,
  });
  const statuses = new Statuses();
  const bus = await natsBus({ servers: server.url, auth: { user: "a", password: "p" }, inboxPrefix: "_IN", onStatus: statuses.hear });
  const denied = { code: "connection", fault: "refused", message: /permissions violation/i };
  await assert.rejects(bus.request("shut.it", new Uint8Array(0), { timeout: 3_600_000 }), denied);
  const { error } = await statuses.next("error");
  assert.equal(error.code, "connection");
  const ended = [];
  for await (const message of bus.subscribe("shut.>")) ended.push(message);
  assert.deepEqual(ended, []);
  assert.match((await statuses.next("error")).error.message, /shut/);
  await assert.rejects(bus.request("open.nobody", new Uint8Array(0)), { code: "not-found" });
  await bus.close();
  await server.stop();
});
