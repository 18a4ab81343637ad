// A second provider that nobody here wrote, and not related to the first: @node-oauth/oauth2-server. It speaks OAuth 2.0 without
// OpenID Connect: no id_token, no userinfo, no scope openid, no openid-configuration; its metadata is that of RFC 8414.
// Authorization code with PKCE, rotating refresh tokens, client credentials with a secret in the body.
// The package has no store, no pages and no introspection: those are below. State is in memory. Runs until SIGTERM.
//
//   PORT=…  node provider.mjs          listens on 127.0.0.1:PORT; its issuer is http(s)://localhost:PORT
//
// Knobs, all from the environment:
//   TLS_CERTIFICATE, TLS_KEY           PEM files; without them plain http
//   ACCESS_SECONDS=3600                lifetime of an access token
//   REFRESH_SECONDS=86400              lifetime of a refresh token
//   CODE_SECONDS=60                    lifetime of an authorization code
//   ROTATE=1                           0 keeps the same refresh token, and does not repeat it in later answers
//   METADATA=1                         0 leaves out the metadata document: addresses must then be given by hand
//   ISS=0                              1 puts the issuer in each answer (RFC 9207), as the package does not
//   REDIRECT_URIS=                     where answers may go, space separated, beside / and /answer of http://127.0.0.1 and http://localhost
//   APP_USER=app@example.test          the mailbox of a token without a person (client credentials)
//
// Refused, in the package's own words: a request without state, a second use of a code (a wrong code_verifier uses it up too), a
// rotated refresh token. Unlike the first provider it keeps the rest of a sign-in alive after such a second use.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import OAuth2Server from '@node-oauth/oauth2-server';

const { Request, Response, InvalidRequestError } = OAuth2Server;
const knob = (name, fallback) => process.env[name] || fallback;
const number = (name, fallback) => Number(knob(name, fallback));
const port = number('PORT', 0);
const certificate = knob('TLS_CERTIFICATE', '');
const issuer = `${certificate ? 'https' : 'http'}://localhost:${port}`;
const scopes = ['offline_access', 'SMTP.Send', 'https://outlook.office.com/SMTP.Send', 'https://mail.google.com/'];
const loopback = ['http://127.0.0.1/', 'http://localhost/', 'http://127.0.0.1/answer', 'http://localhost/answer'];
const redirectUris = [...loopback, ...knob('REDIRECT_URIS', '').split(' ').filter(Boolean)];
const mailserver = `Basic ${Buffer.from('mailserver:mailserver-secret').toString('base64')}`;

const clients = [
  { id: 'devicemail', grants: ['authorization_code', 'refresh_token'], redirectUris },
  {
    id: 'devicemail-secret', secret: 'a secret for tests only',
    grants: ['authorization_code', 'refresh_token', 'client_credentials'], redirectUris,
  },
];
const codes = new Map();
const accessTokens = new Map();
const refreshTokens = new Map();
const withoutPort = (address) => address.replace(/^(http:\/\/(?:127\.0\.0\.1|localhost)):\d+/, '$1');

const model = {
  // The page for the person asks with null, for which no secret is needed.
  getClient: (id, secret) => clients.find((client) => client.id === id && (secret === null || client.secret === (secret || undefined))),
  getUserFromClient: () => ({ id: knob('APP_USER', 'app@example.test') }),
  validateRedirectUri: (address, client) => client.redirectUris.includes(address) || client.redirectUris.includes(withoutPort(address)),
  validateScope: (user, client, asked) => (asked?.every((scope) => scopes.includes(scope)) ? asked : false),
  saveAuthorizationCode: (code, client, user) => {
    if (!code.codeChallenge) throw new InvalidRequestError('Missing parameter: `code_challenge`'); // PKCE is the client's choice, says the package
    codes.set(code.authorizationCode, { ...code, client, user });
    return code;
  },
  getAuthorizationCode: (code) => codes.get(code),
  revokeAuthorizationCode: (code) => codes.delete(code.authorizationCode),
  saveToken: (token, client, user) => {
    const saved = { ...token, client, user };
    accessTokens.set(token.accessToken, saved);
    if (token.refreshToken) refreshTokens.set(token.refreshToken, saved);
    return saved;
  },
  getAccessToken: (token) => accessTokens.get(token),
  getRefreshToken: (token) => refreshTokens.get(token),
  revokeToken: (token) => refreshTokens.delete(token.refreshToken),
};
const server = new OAuth2Server({ model });

const json = (status, body) => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const html = (status, body) => ({
  status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<!DOCTYPE html><title>Second provider</title>${body}`,
});
const safe = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// One page for both: who one is, and whether the client may.
const page = (query) => html(200, `<h1>Sign in</h1><form method="post" action="/authorize">
${Object.entries(query).map(([name, value]) => `<input type="hidden" name="${safe(name)}" value="${safe(value)}">`).join('\n')}
<input name="login" type="email" required> <input name="password" type="password" required>
<button name="allowed" value="true">Allow</button> <button name="allowed" value="false" formnovalidate>Deny</button></form>`);

const authorize = async (request, response) => {
  try {
    await server.authorize(request, response, {
      authenticateHandler: { handle: ({ body }) => ({ id: body.login || 'nobody' }) }, authorizationCodeLifetime: number('CODE_SECONDS', 60),
    });
  } catch (fault) {
    // Without an address to send the answer to, the person is told.
    if (!response.headers.location) return html(fault.code, `<h1>${safe(fault.message)}</h1>`);
  }
  const landing = new URL(response.headers.location);
  if (knob('ISS', '0') === '1') landing.searchParams.set('iss', issuer);
  return { status: 302, headers: { location: landing.href }, body: '' };
};

const token = async (request, response) => {
  try {
    await server.token(request, response, {
      accessTokenLifetime: number('ACCESS_SECONDS', 3600), refreshTokenLifetime: number('REFRESH_SECONDS', 86400),
      alwaysIssueNewRefreshToken: knob('ROTATE', '1') === '1', requireClientAuthentication: { refresh_token: false },
    });
  } catch {
    // The answer holds it.
  }
  return { status: response.status, headers: { ...response.headers, 'content-type': 'application/json' }, body: JSON.stringify(response.body) };
};

const introspect = ({ headers, body }) => {
  if (headers.authorization !== mailserver) return json(401, { error: 'invalid_client' });
  const found = accessTokens.get(body.token);
  if (!found || found.accessTokenExpiresAt < new Date()) return json(200, { active: false });
  return json(200, {
    active: true, sub: found.user.id, client_id: found.client.id, scope: found.scope?.join(' '), token_type: 'Bearer',
    exp: Math.floor(found.accessTokenExpiresAt / 1000),
  });
};

const metadata = {
  issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, introspection_endpoint: `${issuer}/introspect`,
  scopes_supported: scopes, response_types_supported: ['code'], code_challenge_methods_supported: ['S256'],
  grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  token_endpoint_auth_methods_supported: ['none', 'client_secret_post'],
  ...(knob('ISS', '0') === '1' ? { authorization_response_iss_parameter_supported: true } : {}),
};

const routes = {
  'GET /.well-known/oauth-authorization-server': () => (knob('METADATA', '1') === '1' ? json(200, metadata) : json(404, {})),
  'GET /authorize': ({ query }) => page(query),
  'POST /authorize': authorize,
  'POST /token': token,
  'POST /introspect': introspect,
};

const handler = async (incoming, outgoing) => {
  const address = new URL(incoming.url, issuer);
  let text = '';
  for await (const piece of incoming) text += piece;
  const { headers, method } = incoming;
  const request = new Request({
    headers, method, query: Object.fromEntries(address.searchParams), body: Object.fromEntries(new URLSearchParams(text)),
  });
  const route = routes[`${method} ${address.pathname}`];
  const answer = route ? await route(request, new Response()) : json(404, {});
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
};
const fall = (outgoing) => (fault) => { console.error('server_error', fault); outgoing.writeHead(500).end(); };
const listener = (incoming, outgoing) => handler(incoming, outgoing).catch(fall(outgoing));
const listening = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(knob('TLS_KEY', '')) }, listener)
  : http.createServer(listener);
listening.listen(port, '127.0.0.1');
process.on('SIGTERM', () => { listening.close(() => process.exit(0)); listening.closeAllConnections(); });
