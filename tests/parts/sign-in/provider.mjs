// A provider's sign-in that nobody here wrote: panva's oidc-provider, with the device code flow, the authorization code flow with
// PKCE (S256 only, and the issuer in each answer: RFC 9207), client credentials, rotating refresh tokens, introspection and
// revocation. State is in memory. Runs in the foreground until SIGTERM.
//
//   PORT=…  node provider.mjs          listens on 127.0.0.1:PORT; the issuer is http(s)://localhost:PORT
//
// Knobs, all from the environment:
//   TLS_CERTIFICATE, TLS_KEY           PEM files; without them plain http
//   ACCESS_SECONDS=3600                lifetime of an access token
//   REFRESH_SECONDS=86400              lifetime of a refresh token
//   DEVICE_SECONDS=600                 lifetime of a device code
//   CODE_SECONDS=60                    lifetime of an authorization code
//   ROTATE=1                           0 keeps the same refresh token for ever
//   FORMAT=opaque                      jwt makes long access tokens
//   INTERVAL=                          seconds named in the device answer; empty omits the field, as oidc-provider does
//   COMPLETE_URI=1                     0 leaves verification_uri_complete out of the device answer
//   SLOW_DOWN=0                        so many token requests are answered slow_down, which oidc-provider never says
//   OUTAGE=0                           so many token requests after those are answered 503
//   EXTRA_TOKEN_FIELDS=                JSON object added to each successful token answer, e.g. {"refresh_token": null}
//   REDIRECT_URIS=                     where answers may go, space separated, beside / and /answer of http://127.0.0.1 and http://localhost
//                                      (any port). Native clients: https, or http on a loopback address; not https on one
//   APP_CERTIFICATE=                   PEM file that an administrator uploaded for the client devicemail-app; or
//   JWKS=, JWKS_FILE=                  its public keys as a JWK set, or a file with one. Without any of them there is no such client
//   ASSERTION_AUDIENCE=                issuer or token: the one aud that its assertion may have
//   ASSERTION_THUMBPRINT=0             1 demands in its header the x5t#S256 of a key it registered, as Microsoft does
//   APP_USER=                          the mailbox that introspection names for a token without a person (client credentials)
//
// The aud of a client assertion: oidc-provider takes its issuer, the address of the token endpoint and the address the request
// came to, and a list that holds one of them. Microsoft documents the token endpoint; the draft that renews RFC 7523 wants the issuer alone:
// ASSERTION_AUDIENCE narrows it to either. exp, jti, iss and sub must be there, iss and sub the client's id; each jti is good once.
//
// A refresh token in the authorization code flow needs the scope offline_access and prompt=consent (OpenID Connect Core 11):
// without the prompt, oidc-provider leaves the scope out and says nothing.
import { X509Certificate, createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import Provider, { errors } from 'oidc-provider';

const knob = (name, fallback) => process.env[name] || fallback;
const number = (name, fallback) => Number(knob(name, fallback));
const port = number('PORT', 0);
const certificate = knob('TLS_CERTIFICATE', '');
const issuer = `${certificate ? 'https' : 'http'}://localhost:${port}`;
const mailScopes = ['SMTP.Send', 'https://outlook.office.com/SMTP.Send', 'https://mail.google.com/'];
const allScopes = ['https://outlook.office365.com/.default', 'https://outlook.office.com/.default']; // each: all that was granted

const loopback = ['http://127.0.0.1/', 'http://localhost/', 'http://127.0.0.1/answer', 'http://localhost/answer'];

// The keys of devicemail-app.
const keyOf = (pem) => {
  const shown = new X509Certificate(pem);
  return {
    ...shown.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'PS256',
    'x5t#S256': createHash('sha256').update(shown.raw).digest('base64url'),
  };
};
const jwks = (() => {
  if (knob('APP_CERTIFICATE', '')) return { keys: [keyOf(fs.readFileSync(knob('APP_CERTIFICATE', '')))] };
  const text = knob('JWKS', '') || (knob('JWKS_FILE', '') && fs.readFileSync(knob('JWKS_FILE', ''), 'utf8'));
  return text ? JSON.parse(text) : null;
})();
const app = { // the gateway without a person: proves itself with its key
  client_id: 'devicemail-app', token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256', jwks,
  redirect_uris: [], response_types: [], grant_types: ['client_credentials'],
};

const provider = new Provider(issuer, {
  clients: [
    { // the gateway: a public client, as a device-flow client has to be
      client_id: 'devicemail', client_name: 'DeviceMail', token_endpoint_auth_method: 'none', application_type: 'native',
      redirect_uris: [...loopback, ...knob('REDIRECT_URIS', '').split(' ').filter(Boolean)], response_types: ['code'],
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'authorization_code', 'refresh_token'],
    },
    ...(jwks ? [app] : []),
    { // the same with a secret
      client_id: 'devicemail-secret', client_secret: 'a secret for tests only', token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: [], response_types: [], grant_types: ['client_credentials'],
    },
    { // the mail server: may ask about any token (RFC 7662)
      client_id: 'mailserver', client_secret: 'mailserver-secret', token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: [], response_types: [], grant_types: [],
    },
  ],
  scopes: ['openid', 'offline_access', ...mailScopes, ...allScopes],
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: true }, // a login form that takes any name and password
    resourceIndicators: {
      enabled: knob('FORMAT', 'opaque') === 'jwt',
      defaultResource: () => 'urn:mail:smtp',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: mailScopes.join(' '), accessTokenFormat: 'jwt', accessTokenTTL: number('ACCESS_SECONDS', 3600),
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  rotateRefreshToken: () => knob('ROTATE', '1') === '1',
  issueRefreshToken: (_, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  assertJwtClientAuthClaimsAndHeader: (context, claims, header) => {
    const refuse = (why) => { throw new errors.InvalidClientAuth(why); };
    const audience = { issuer, token: context.oidc.urlFor('token') }[knob('ASSERTION_AUDIENCE', '')];
    if (audience && claims.aud !== audience) refuse(`audience (aud) must be ${audience}`);
    const known = () => jwks.keys.some((key) => key['x5t#S256'] && key['x5t#S256'] === header['x5t#S256']);
    if (knob('ASSERTION_THUMBPRINT', '0') === '1' && !known()) refuse('x5t#S256 must name a registered certificate');
  },
  ttl: {
    AuthorizationCode: number('CODE_SECONDS', 60), ClientCredentials: number('ACCESS_SECONDS', 3600),
    AccessToken: number('ACCESS_SECONDS', 3600), RefreshToken: number('REFRESH_SECONDS', 86400),
    DeviceCode: number('DEVICE_SECONDS', 600), Grant: 86400 * 14, Session: 86400, Interaction: 3600, IdToken: 3600,
  },
  cookies: { keys: ['a key for tests only'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, preferred_username: id }) }),
});
provider.on('server_error', (_, fault) => console.error('server_error', fault));

// What oidc-provider has no setting for is done around it.
let slow = number('SLOW_DOWN', 0);
let outage = number('OUTAGE', 0);
const answer = (context, status, error) => { context.status = status; context.body = { error }; };
provider.use(async (context, next) => {
  const isToken = context.method === 'POST' && context.path === '/token';
  if (isToken && slow > 0) { slow -= 1; return answer(context, 400, 'slow_down'); }
  if (isToken && outage > 0) { outage -= 1; return answer(context, 503, 'temporarily_unavailable'); }
  await next();
  if (context.path === '/device/auth' && context.status === 200) {
    if (knob('INTERVAL', '')) context.body.interval = number('INTERVAL');
    if (knob('COMPLETE_URI', '1') === '0') delete context.body.verification_uri_complete;
  }
  if (context.path === '/token/introspection' && context.body?.active && !context.body.sub) {
    if (knob('APP_USER', '')) context.body.sub = knob('APP_USER', ''); // a mail server needs a user
    if (allScopes.includes(context.body.scope)) context.body.scope += ` ${mailScopes.join(' ')}`;
  }
  if (isToken && context.status === 200) Object.assign(context.body, JSON.parse(knob('EXTRA_TOKEN_FIELDS', '{}')));
});

const handler = provider.callback();
const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(knob('TLS_KEY', '')) }, handler)
  : http.createServer(handler);
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
