// A client on oauth4webapi, as its documentation says; told where the issuer is, and who it is, on standard input.
// It asks its caller to act as the person by a line of JSON, and ends with a line that tells what it got.

import * as oauth from "oauth4webapi";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);
const tell = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const { issuer, api, redirect_uri, desk, app, signer } = await hear();
const insecure = { [oauth.allowInsecureRequests]: true };  // the server is on a loopback address
const scope = "openid profile cases:read";

async function discover(algorithm) {
  const place = new URL(issuer);
  const answer = await oauth.discoveryRequest(place, { algorithm, ...insecure });
  return oauth.processDiscoveryResponse(place, answer);
}

const server = await discover("oidc");
const plain = await discover("oauth2");
if (JSON.stringify(server) !== JSON.stringify(plain)) throw new Error("the two documents differ");

async function call(token) {
  try {
    return (await oauth.protectedResourceRequest(token, "GET", new URL(`${api}/cases`), undefined, undefined, insecure)).status;
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    return error.cause[0].scheme === "bearer" && error.cause[0].parameters.resource_metadata ? error.status : 0;
  }
}

async function getCode(client, authentication) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const address = new URL(server.authorization_endpoint);
  const asked = {
    client_id: client.client_id, redirect_uri, response_type: "code", scope, state, nonce, max_age: "600",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  tell({ authorize: address.href });
  const parameters = oauth.validateAuthResponse(server, client, new URL((await hear()).back), state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, authentication, parameters, redirect_uri, verifier, insecure,
  );
  const checks = { expectedNonce: nonce, maxAge: 600, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, checks);
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
  return tokens;
}

async function codeFlow(told, authentication) {
  const client = { client_id: told.client_id, default_max_age: 600 };
  const tokens = await getCode(client, authentication);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const asked = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
  const person = await oauth.processUserInfoResponse(server, client, sub, asked);
  const first = await call(tokens.access_token);
  const renewing = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, insecure);
  const renewed = await oauth.processRefreshTokenResponse(server, client, renewing);
  const second = await call(renewed.access_token);
  const revoking = await oauth.revocationRequest(server, client, authentication, renewed.refresh_token, insecure);
  await oauth.processRevocationResponse(revoking);
  return { name: person.name, calls: [first, second, await call(renewed.access_token)] };
}

async function beginDevice(told, authentication) {
  const client = { client_id: told.client_id };
  const asking = await oauth.deviceAuthorizationRequest(server, client, authentication, { scope }, insecure);
  const device = await oauth.processDeviceAuthorizationResponse(server, client, asking);
  const poll = async () =>
    oauth.processDeviceCodeResponse(
      server, client, await oauth.deviceCodeGrantRequest(server, client, authentication, device.device_code, insecure),
    );
  const pending = await poll().catch((error) => error.error);
  return { device, poll, pending, polled: Date.now() };
}

async function endDevice({ device, poll, pending, polled }) {
  tell({ device: device.verification_uri_complete });
  const { shown } = await hear();
  const rest = polled + device.interval * 1000 - Date.now();  // a device waits between two questions
  await new Promise((resolve) => setTimeout(resolve, Math.max(rest, 0)));
  const tokens = await poll();
  const known = oauth.getValidatedIdTokenClaims(tokens) !== undefined;
  return { pending, shown, known, call: await call(tokens.access_token) };
}

async function machine() {
  const key = await crypto.subtle.importKey("jwk", signer.key, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const client = { client_id: signer.client_id };
  const authentication = oauth.PrivateKeyJwt({ key, kid: signer.key.kid });
  const asking = await oauth.clientCredentialsGrantRequest(
    server, client, authentication, { scope: "cases:read" }, insecure,
  );
  const token = await oauth.processClientCredentialsResponse(server, client, asking);
  const asked = await oauth.introspectionRequest(server, client, authentication, token.access_token, insecure);
  const told = await oauth.processIntrospectionResponse(server, client, asked);
  return { active: told.active, call: await call(token.access_token) };
}

async function resource() {
  const place = new URL(api);
  const answer = await oauth.resourceDiscoveryRequest(place, insecure);
  return (await oauth.processResourceDiscoveryResponse(place, answer)).authorization_servers;
}

const device = await beginDevice(app, oauth.None());
tell({
  resource: await resource(),
  confidential: await codeFlow(desk, oauth.ClientSecretBasic(desk.client_secret)),
  open: await codeFlow(app, oauth.None()),
  machine: await machine(),
  device: await endDevice(device),
});
process.exit(0);
