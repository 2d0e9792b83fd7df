// A real OpenID provider for the tests: node oidc_provider.mjs PORT REDIRECT_URI FILE_OF_PEOPLE. Who signs in as NAME is
// the person of that name in the file, which is read anew each time; any password will do.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, redirectUri, people] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "portal",
      client_secret: "a secret of the portal",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["preferred_username", "given_name", "family_name", "groups"],
  },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...JSON.parse(readFileSync(people, "utf8"))[id] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
