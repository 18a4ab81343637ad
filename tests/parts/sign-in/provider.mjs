// A provider's sign-in that nobody here wrote: panva's oidc-provider, with the device code flow, rotating refresh tokens,
// introspection and revocation. State is in memory. Runs in the foreground until SIGTERM.
//
//   PORT=…  node provider.mjs          listens on 127.0.0.1:PORT; the issuer is http(s)://localhost:PORT
//
// Knobs, all from the environment:
//   TLS_CERTIFICATE, TLS_KEY           PEM files; without them plain http
//   ACCESS_SECONDS=3600                lifetime of an access token
//   REFRESH_SECONDS=86400              lifetime of a refresh token
//   DEVICE_SECONDS=600                 lifetime of a device code
//   ROTATE=1                           0 keeps the same refresh token for ever
//   FORMAT=opaque                      jwt makes long access tokens
//   INTERVAL=                          seconds named in the device answer; empty omits the field, as oidc-provider does
//   COMPLETE_URI=1                     0 leaves verification_uri_complete out of the device answer
//   SLOW_DOWN=0                        so many token requests are answered slow_down, which oidc-provider never says
//   OUTAGE=0                           so many token requests after those are answered 503
//   EXTRA_TOKEN_FIELDS=                JSON object added to each successful token answer, e.g. {"refresh_token": null}
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import Provider from 'oidc-provider';

const knob = (name, fallback) => process.env[name] || fallback;
const number = (name, fallback) => Number(knob(name, fallback));
const port = number('PORT', 0);
const certificate = knob('TLS_CERTIFICATE', '');
const issuer = `${certificate ? 'https' : 'http'}://localhost:${port}`;
const mailScopes = ['SMTP.Send', 'https://outlook.office.com/SMTP.Send', 'https://mail.google.com/'];

const provider = new Provider(issuer, {
  clients: [
    { // the gateway: a public client, as a device-flow client has to be
      client_id: 'devicemail', client_name: 'DeviceMail', token_endpoint_auth_method: 'none', application_type: 'native',
      redirect_uris: [], response_types: [],
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    },
    { // the mail server: may ask about any token (RFC 7662)
      client_id: 'mailserver', client_secret: 'mailserver-secret', token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: [], response_types: [], grant_types: [],
    },
  ],
  scopes: ['openid', 'offline_access', ...mailScopes],
  features: {
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
  ttl: {
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
  if (isToken && context.status === 200) Object.assign(context.body, JSON.parse(knob('EXTRA_TOKEN_FIELDS', '{}')));
});

const handler = provider.callback();
const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(knob('TLS_KEY', '')) }, handler)
  : http.createServer(handler);
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
