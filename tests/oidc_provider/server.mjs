// A real OpenID Connect provider on loopback, as the directory of a town: `node server.mjs FOLDER`.
// FOLDER holds node_modules. It prints the port that it listens on. Clients register themselves (RFC 7591), whoever
// types a name is signed in as that person, and the form may say how (amr) or refuse.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Node 18 does not have it by itself.
globalThis.crypto ??= (await import("node:crypto")).webcrypto;
const folder = resolve(process.argv[2]);
const entry = createRequire(join(folder, "package.json")).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(entry).href);

const people = {
  anna: { name: "Anna Muster", email: "anna@lindenau.example", email_verified: true, groups: ["allmende", "bauamt"] },
  bert: { name: "Bert Beispiel", email: "bert@lindenau.example", email_verified: false, groups: ["bauamt"] },
};

const configuration = {
  claims: { openid: ["sub", "amr"], profile: ["name", "groups"], email: ["email", "email_verified"] },
  // As the standard asks for: what is told about a person comes from the userinfo endpoint.
  conformIdTokenClaims: true,
  clientDefaults: { token_endpoint_auth_method: "client_secret_basic" },
  features: { devInteractions: { enabled: false }, registration: { enabled: true } },
  pkce: { required: () => true },
  ttl: { Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
  cookies: { keys: ["only for tests"] },
  acrValues: ["two-factors"],
  interactions: { url: (_context, interaction) => `/anmeldung/${interaction.uid}` },
  async findAccount(_context, id) {
    const known = people[id] ?? { name: id };
    return { accountId: id, claims: async () => ({ sub: id, ...known }) };
  },
  async loadExistingGrant(context) {
    const { provider, session, client } = context.oidc;
    const given = session.grantIdFor(client.clientId);
    if (given) return provider.Grant.find(given);
    const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
};

const page = `<!doctype html><html lang="de"><meta charset="utf-8"><title>Anmeldung im Rathaus</title>
<h1>Anmeldung im Rathaus</h1><form method="post"><p><label>Name <input name="login" required></label>
<label>Zweiter Faktor <input name="amr"></label></p><button>Anmelden</button>
<button name="denied" value="1" formnovalidate>Abbrechen</button></form></html>`;

async function fieldsOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

async function interact(provider, request, response) {
  if (request.method !== "POST") {
    await provider.interactionDetails(request, response);
    response.setHeader("content-type", "text/html; charset=utf-8");
    return response.end(page);
  }
  const fields = await fieldsOf(request);
  const amr = (fields.get("amr") ?? "").split(" ").filter(Boolean);
  const result = fields.get("denied")
    ? { error: "access_denied", error_description: "stopped" }
    : { login: { accountId: fields.get("login"), ...(amr.length ? { amr } : {}) } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, configuration);
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/anmeldung/")) return answer(request, response);
    interact(provider, request, response).catch((error) => {
      response.statusCode = 400;
      response.end(error.name);
    });
  });
  console.log(port);
});
// It ends with whoever started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
