// A relying party on openid-client, driven by a test: it is told about itself in the first line of standard input,
// prints the authorization URL, is told where the browser came back in the second, and prints what it got and verified.

import { createInterface } from 'node:readline'
import { webcrypto } from 'node:crypto'
import * as client from 'openid-client'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const read = async () => JSON.parse((await lines.next()).value)
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n')

const authentication = async (rp) => {
  if (rp.method === 'private_key_jwt') {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await webcrypto.subtle.importKey('jwk', rp.private_jwk, algorithm, false, ['sign'])
    return client.PrivateKeyJwt({ key, kid: rp.private_jwk.kid })
  }
  if (rp.method === 'none') return client.None()
  const make = { client_secret_basic: client.ClientSecretBasic, client_secret_post: client.ClientSecretPost }
  return make[rp.method](rp.client_secret)
}

const rp = await read()
const config = await client.discovery(
  new URL(rp.issuer),
  rp.client_id,
  { id_token_signed_response_alg: rp.algorithm, ...rp.metadata },
  await authentication(rp),
  // The issuer is on loopback; signatures of ID tokens are verified although they came from the token endpoint.
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], algorithm: rp.discovery },
)

// Keys for what is encrypted to this relying party; what is inside is verified all the same.
if (rp.decryption_jwk) {
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  const key = await webcrypto.subtle.importKey('jwk', rp.decryption_jwk, algorithm, false, ['deriveBits'])
  client.enableDecryptingResponses(config, ['A256GCM'], { key, kid: rp.decryption_jwk.kid })
}

const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: rp.redirect_uri,
  scope: 'openid offline_access',
  prompt: 'consent',
  max_age: '300',
  state: expectedState,
  nonce: expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
})
say({ url: url.href, nonce: expectedNonce })

const callback = new URL((await read()).url)
const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 300, idTokenExpected: true }
const tokens = await client.authorizationCodeGrant(config, callback, checks)
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const again = await client.authorizationCodeGrant(config, callback, checks).then(
  () => 'accepted',
  (error) => error.error ?? error.cause?.error ?? String(error),
)
await client.tokenRevocation(config, refreshed.refresh_token)
const revoked = await client.refreshTokenGrant(config, refreshed.refresh_token).then(
  () => 'accepted',
  (error) => error.error ?? String(error),
)
say({
  claims,
  header: JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')),
  userinfo,
  refreshed: { claims: refreshed.claims() ?? null, is_rotated: refreshed.refresh_token !== tokens.refresh_token },
  again,
  revoked,
  token_type: tokens.token_type,
})
process.exit(0)
