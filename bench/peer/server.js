// The peer as its own documentation sets it up: state in memory, the code flow with PKCE, a page of ours for the login,
// and a grant that is remembered per person and client, so that a sign-in asks for consent no more often than ours does.
// Keys and cookies' secret are drawn at every start; nothing but a loopback address is served.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const [port, clientId, clientSecret, redirectUri, algorithm] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const key = (type, options, alg) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig' });
const grants = new Map();

const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    id_token_signed_response_alg: algorithm,
  }],
  clientDefaults: { id_token_signed_response_alg: algorithm },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
  jwks: { keys: [key('ec', { namedCurve: 'P-256' }, 'ES256'), key('rsa', { modulusLength: 2048 }, 'RS256')] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  async loadExistingGrant(ctx) {
    const { accountId } = ctx.oidc.session;
    const known = grants.get(accountId);
    const found = known && await ctx.oidc.provider.Grant.find(known);
    if (found) return found;
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId });
    grant.addOIDCScope('openid');
    grants.set(accountId, await grant.save());
    return grant;
  },
});
provider.on('server_error', (_, error) => console.error(error));

const page = (uid, client) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sign-in</title></head>
<body><h1>Sign-in</h1><p>${client}</p><form autocomplete="off" action="/interaction/${uid}/login" method="post">
<input type="hidden" name="prompt" value="login"><input required type="text" name="login">
<input required type="password" name="password"><button type="submit">Sign-in</button></form></body></html>`;

async function readForm(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page(details.uid, details.params.client_id));
    return;
  }
  const accountId = (await readForm(request)).get('login');
  await provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
}

const protocol = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    protocol(request, response);
    return;
  }
  interact(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
