// node-easywechat on both sides: its clients ask the simulator, its server answers the pushes.
import EasyWechat from 'node-easywechat';
import { control, listen, MENU, Report, simulator } from './stage.mjs';

const { OfficialAccount, MiniApp, ServerRequest } = EasyWechat;
const report = new Report('node-easywechat');
const { oa, mini } = await control('GET', 'accounts');
const person = await control('POST', 'people', { nickname: '读者' });
const mine = `people/${person.id}`;
const openid = person.oa_openid;
const config = (account) => ({
  app_id: account.appid, secret: account.secret, token: account.token, aes_key: account.aes_key,
  http: { throw: false },
});
const oaConfig = { ...config(oa), use_stable_access_token: true };
const app = new OfficialAccount(oaConfig);
const code = (answer) => answer.errcode ?? 0;

// The server: a fresh application for each request, as the client's own pages do it.
const backend = await listen(async (seen) => {
  if (seen.url.startsWith('/back')) return { status: 200, body: '' };
  const one = new OfficialAccount(oaConfig);
  const method = seen.body.length ? 'POST' : 'GET';
  one.setRequest(new ServerRequest(method, seen.url, seen.headers, seen.body));
  const server = one.getServer();
  server.addMessageListener('text', (message) => `收到：${message.Content}`);
  server.addEventListener('subscribe', () => '欢迎');
  const answer = await server.serve();
  return { status: answer.getStatusCode(), body: answer.getBody().toString() };
});
await control('PUT', 'accounts', { oa: { callback_url: `${backend.url}/callback` } });
await report.works('server: URL check', () => control('POST', 'accounts/oa/verify'), (a) => a.verified);
await report.works('server: subscribe → text', () => control('POST', `${mine}/follow`), (a) => a.reply.text === '欢迎');
await report.works(
  'server: text → text',
  () => control('POST', `${mine}/send`, { text: '你好 <&> 😀' }),
  (a) => a.reply.text === '收到：你好 <&> 😀',
);
await report.works(
  'server: unhandled → success',
  () => control('POST', `${mine}/send`, { type: 'image' }),
  (a) => a.status === 200 && a.reply === null && a.tries === 1,
);

await report.works('AccessToken.getToken (stable)', () => app.getAccessToken().getToken(), (a) => a.length > 100);
const client = app.getClient();
const get = async (path, params) => (await client.get(path, { params })).toObject();
const post = async (path, json) => (await client.post(path, { json })).toObject();
await report.works('POST menu/create', () => post('/cgi-bin/menu/create', MENU), (a) => code(a) === 0);
await report.works('GET menu/get', () => get('/cgi-bin/menu/get'), (a) => a.menu.button.length === 1);
await report.works('GET menu/delete', () => get('/cgi-bin/menu/delete'), (a) => code(a) === 0);
await report.works(
  'POST message/custom/send',
  () => post('/cgi-bin/message/custom/send', { touser: openid, msgtype: 'text', text: { content: '您好 <b>&' } }),
  (a) => code(a) === 0,
);
const { items } = await control('GET', `${mine}/messages`);
if (items.at(-1).text !== '您好 <b>&') throw new Error('the text did not arrive as it was sent');
const refused = await post('/cgi-bin/message/custom/send', { touser: 'x', msgtype: 'text', text: { content: '早' } });
if (refused.errcode !== 40003) throw new Error(JSON.stringify(refused));
report.noted('POST message/custom/send', 'refused 40003');
await report.works('GET user/info', () => get('/cgi-bin/user/info', { openid }), (a) => a.subscribe === 1);
await report.works('GET user/get', () => get('/cgi-bin/user/get'), (a) => a.data.openid[0] === openid);
await report.works(
  'POST qrcode/create',
  () => post('/cgi-bin/qrcode/create', { action_name: 'QR_LIMIT_STR_SCENE', action_info: { scene: { scene_str: 'a' } } }),
  (a) => a.ticket,
);
const draft = await post('/cgi-bin/draft/add', {
  articles: [{ title: '一', content: '<p>文</p>', thumb_media_id: 'none' }],
});
if (draft.errcode !== 40007) throw new Error(JSON.stringify(draft));
report.noted('POST draft/add', 'refused 40007');

const page = 'http://a.test/h5?x=1';
const signed = await app.getUtils().buildJsSdkConfig(page);
const checked = await fetch(`${simulator}/phone/jssdk`, { method: 'POST', body: JSON.stringify({ ...signed, url: page }) });
await report.works('Utils.buildJsSdkConfig', () => checked.json(), (told) => told.ok);

const oauth = new OfficialAccount({ ...oaConfig, oauth: { scopes: ['snsapi_userinfo'], redirect_url: `${backend.url}/back` } }).getOAuth();
const opened = await control('POST', `${mine}/open`, { url: oauth.redirect(), tap: true });
const given = new URL(opened.url).searchParams.get('code');
const user = await report.works('OAuth.userFromCode', () => oauth.userFromCode(given), (a) => a.getId() === openid);
if (user.getNickname() !== person.nickname) throw new Error('the profile is not the person');

const wxa = new MiniApp(config(mini));
const login = await control('POST', `${mine}/login`, {});
await report.works(
  'MiniApp Utils.codeToSession',
  () => wxa.getUtils().codeToSession(login.code),
  (a) => a.openid === person.mini_openid && a.unionid === person.unionid,
);
await report.refused('MiniApp Utils.codeToSession', 40163, () => wxa.getUtils().codeToSession(login.code));
await report.works(
  'MiniApp POST wxa/msg_sec_check',
  async () => (await wxa.getClient().post('/wxa/msg_sec_check', {
    json: { version: 2, scene: 2, openid: person.mini_openid, content: '今天的咖啡很好' },
  })).toObject(),
  (a) => a.result.suggest === 'pass',
);
report.leave();
