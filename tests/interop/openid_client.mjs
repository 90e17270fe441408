// A relying party on openid-client, driven by a test: it is told about itself in the first line of standard input,
// prints the authorization URL, is told where the browser came back in the second, and prints what it got and verified.

import { createInterface } from 'node:readline'
import { webcrypto } from 'node:crypto'
import { CompactEncrypt, importJWK } from 'jose'
import * as client from 'openid-client'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const read = async () => JSON.parse((await lines.next()).value)
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n')

const signingKey = async (rp) => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await webcrypto.subtle.importKey('jwk', rp.private_jwk, algorithm, false, ['sign'])
  return { key, kid: rp.private_jwk.kid }
}

const authentication = async (rp) => {
  if (rp.method === 'private_key_jwt') return client.PrivateKeyJwt(await signingKey(rp))
  if (rp.method === 'none') return client.None()
  const make = { client_secret_basic: client.ClientSecretBasic, client_secret_post: client.ClientSecretPost }
  return make[rp.method](rp.client_secret)
}

// A signed request, encrypted to the provider: openid-client signs, the JOSE library that it uses encrypts.
const encryptRequest = async (url, jwksUri) => {
  const { keys } = await (await fetch(jwksUri)).json()
  const jwk = keys.find((key) => key.use === 'enc' && key.kty === 'EC')
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: jwk.kid, cty: 'oauth-authz-req+jwt' }
  const signed = new TextEncoder().encode(url.searchParams.get('request'))
  const request = await new CompactEncrypt(signed).setProtectedHeader(header).encrypt(await importJWK(jwk, header.alg))
  url.searchParams.set('request', request)
  return url
}

const rp = await read()
if (rp.is_registering) {
  // OIDC Registration, then everything else with what was registered.
  const registered = await client.dynamicClientRegistration(
    new URL(rp.issuer),
    { client_name: 'Registered by itself', redirect_uris: [rp.redirect_uri], ...rp.metadata },
    undefined,
    { execute: [client.allowInsecureRequests] },
  )
  const made = registered.clientMetadata()
  Object.assign(rp, { client_id: made.client_id, client_secret: made.client_secret })
}
const config = await client.discovery(
  new URL(rp.issuer),
  rp.client_id,
  {
    id_token_signed_response_alg: rp.algorithm,
    authorization_signed_response_alg: rp.answer_algorithm,
    ...rp.metadata,
  },
  await authentication(rp),
  // The issuer is on loopback; signatures of ID tokens are verified although they came from the token endpoint.
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], algorithm: rp.discovery },
)

// With a key of its own for the tokens, where the test asks for one (RFC 9449).
const options = rp.dpop ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(rp.dpop)) } : {}
// Keys for what is encrypted to this relying party; what is inside is verified all the same.
if (rp.decryption_jwk) {
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  const key = await webcrypto.subtle.importKey('jwk', rp.decryption_jwk, algorithm, false, ['deriveBits'])
  client.enableDecryptingResponses(config, ['A256GCM'], { key, kid: rp.decryption_jwk.kid })
}

const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
if (rp.is_answered_signed) client.useJwtResponseMode(config)
let parameters = {
  redirect_uri: rp.redirect_uri,
  scope: 'openid offline_access',
  prompt: 'consent',
  max_age: '300',
  state: expectedState,
  nonce: expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  ...(rp.dpop ? { dpop_jkt: await options.DPoP.calculateThumbprint() } : {}),
}
let url = client.buildAuthorizationUrl(config, parameters)
if (rp.is_signed) {
  url = await client.buildAuthorizationUrlWithJAR(config, parameters, await signingKey(rp))
  if (rp.is_request_encrypted) url = await encryptRequest(url, config.serverMetadata().jwks_uri)
  parameters = url.searchParams
}
if (rp.is_pushed) url = await client.buildAuthorizationUrlWithPAR(config, parameters, options)
say({ url: url.href, nonce: expectedNonce })

const callback = new URL((await read()).url)
const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 300, idTokenExpected: true }
const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, options)
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, options)
const asBearer = await client.fetchUserInfo(config, tokens.access_token, claims.sub).then(
  () => 'accepted',
  (error) => error.cause?.[0]?.parameters?.error ?? String(error),
)
const introspected = rp.is_introspecting ? await client.tokenIntrospection(config, tokens.access_token) : null
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, options)
const newest = refreshed.refresh_token ?? tokens.refresh_token
const again = await client.authorizationCodeGrant(config, callback, checks, undefined, options).then(
  () => 'accepted',
  (error) => error.error ?? error.cause?.error ?? String(error),
)
await client.tokenRevocation(config, newest)
const revoked = await client.refreshTokenGrant(config, newest, undefined, options).then(
  () => 'accepted',
  (error) => error.error ?? String(error),
)
const out = client.buildEndSessionUrl(config, {
  post_logout_redirect_uri: rp.post_logout_redirect_uri ?? rp.redirect_uri,
  id_token_hint: tokens.id_token,
  state: 'out',
})
say({
  claims,
  client_id: rp.client_id,
  end_session_url: out.href,
  header: JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')),
  userinfo,
  introspected,
  as_bearer: asBearer,
  refreshed: { claims: refreshed.claims() ?? null, is_rotated: newest !== tokens.refresh_token },
  again,
  revoked,
  token_type: tokens.token_type,
})
process.exit(0)
