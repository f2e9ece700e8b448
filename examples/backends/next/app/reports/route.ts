import { byJwt, pleaseSignIn } from '../../twofold';

export async function GET(request: Request) {
  const user = await byJwt(request);
  return user ? Response.json({ owner: user.sub, level: user.acr }) : pleaseSignIn();
}
