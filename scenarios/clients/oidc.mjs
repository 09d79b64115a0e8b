// An identity provider of others (npm oidc-provider) and a browser, against the built gateway: the whole way of a sign-in.
//
// node oidc.mjs MODULES PROVIDER_PORT GATEWAY METHOD ALGORITHM PROOF SUBJECT
// METHOD is private_key_jwt (PROOF: the client's private key in PEM) or client_secret_basic (PROOF: a file with the secret).

import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, port, gateway, method, algorithm, proof, subject] = process.argv.slice(2);
const entry = createRequire(pathToFileURL(`${modules}/`)).resolve("oidc-provider");
const { Provider } = await import(pathToFileURL(entry));
const issuer = `http://127.0.0.1:${port}`;

const own = [
  ["rsa", { modulusLength: 2048 }, "RS256", "r"], ["rsa", { modulusLength: 2048 }, "PS256", "p"],
  ["ec", { namedCurve: "P-256" }, "ES256", "e"], ["ed25519", {}, "EdDSA", "d"],
].map(([kind, options, alg, kid]) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }), use: "sig", alg, kid }));

const text = readFileSync(proof, "utf8");
const client = {
  client_id: "natbase", redirect_uris: [`${gateway}/sign-in/oidc/callback`], response_types: ["code"], grant_types: ["authorization_code"],
  token_endpoint_auth_method: method, id_token_signed_response_alg: algorithm,
};
if (method === "private_key_jwt") {
  const key = createPublicKey(createPrivateKey(text)).export({ format: "jwk" });
  const alg = key.kty === "EC" ? "ES256" : key.kty === "RSA" ? "RS256" : "EdDSA";
  client.token_endpoint_auth_signing_alg = alg;
  client.jwks = { keys: [{ ...key, kid: "natbase-1", use: "sig", alg }] };
} else {
  client.client_secret = text.trim();
}

const provider = new Provider(issuer, {
  clients: [client], jwks: { keys: own }, cookies: { keys: ["of this run"] },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"], clientAuthSigningAlgValues: ["RS256", "ES256", "EdDSA"] },
  claims: { openid: ["sub", "amr"] }, conformIdTokenClaims: false, acrValues: [],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, amr: ["pwd", "mfa"] }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});
provider.on("server_error", (_, error) => console.error("provider:", error));
provider.on("grant.error", (_, error) => console.error("provider:", error.message, error.error_detail ?? ""));
const callback = provider.callback();
const server = createServer(async (request, response) => {
  if (request.url.startsWith("/interaction/")) {
    // The person types his password at the provider.
    await provider.interactionFinished(request, response, { login: { accountId: subject, amr: ["pwd", "mfa"] } });
    return;
  }
  callback(request, response);
});
await new Promise((resolve) => server.listen(Number(port), "127.0.0.1", resolve));

const jar = new Map();
async function browse(url, options = {}) {
  for (let hop = 0; hop < 12; hop += 1) {
    const origin = new URL(url).origin;
    const kept = [...(jar.get(origin) ?? new Map())].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(options.headers ?? {}), ...(kept ? { cookie: kept } : {}) };
    const response = await fetch(url, { ...options, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [name, ...value] = line.split(";")[0].split("=");
      if (!jar.has(origin)) jar.set(origin, new Map());
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.get(origin).delete(name);
      else jar.get(origin).set(name, value.join("="));
    }
    const onward = response.headers.get("location") ?? response.headers.get("refresh")?.replace("0; url=", "");
    if (!onward) return { url, status: response.status, body: await response.text() };
    url = new URL(onward, url).href;
    options = {};
  }
  throw new Error("sent round in circles");
}

const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "next=%2Fdatasets%3Flang%3Den" };
const arrived = await browse(`${gateway}/sign-in/oidc?lang=en`, form);
server.close();
server.closeAllConnections();
const signedIn = jar.get(gateway)?.has("natbase-token") && arrived.body.includes("person:");
console.log(`oidc-provider: ${method}, ${algorithm}: ${signedIn ? "signed in" : "REFUSED"}, came to ${arrived.url}`);
if (!signedIn || arrived.url !== `${gateway}/datasets?lang=en`) {
  console.error(arrived.status, arrived.body.slice(0, 2_000));
  process.exit(1);
}
process.exit(0);
