// The account APIs by co-wechat-api.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import API from 'co-wechat-api';
import { control, listen, MENU, PICTURE, Report } from './stage.mjs';

const report = new Report('co-wechat-api');
const { oa, mini } = await control('GET', 'accounts');
const backend = await listen();
await control('PUT', 'accounts', { oa: { callback_url: `${backend.url}/callback` } });
const person = await control('POST', 'people', { nickname: '读者' });
const mine = `people/${person.id}`;
const openid = person.oa_openid;
const api = new API(oa.appid, oa.secret);
const lastText = async () => (await control('GET', `${mine}/messages`)).items.at(-1).text;

await report.works('getAccessToken', () => api.getAccessToken(), (token) => token.accessToken);
await report.works('getIp', () => api.getIp(), (answer) => answer.ip_list);
await report.refused('sendText', 45015, () => api.sendText(openid, '早'));
await control('POST', `${mine}/follow`);
await control('POST', `${mine}/send`, { text: '你好' });

await report.refused('getMenu', 46003, () => api.getMenu());
await report.works('createMenu', () => api.createMenu(MENU));
await report.works('getMenu', () => api.getMenu(), (answer) => answer.menu.button[0].name === '最新');
await report.works('getMenuConfig', () => api.getMenuConfig(), (answer) => answer.is_menu_open === 1);
await report.works('removeMenu', () => api.removeMenu());

await report.works('sendText', () => api.sendText(openid, '您好 <b>&'));
if (await lastText() !== '您好 <b>&') throw new Error('the text did not arrive as it was sent');
const article = { title: '一', description: '说', url: 'http://a.test/', picurl: 'http://a.test/1' };
await report.works('sendNews', () => api.sendNews(openid, [article]));
await report.works('sendTemplate', () => api.sendTemplate(
  openid, 'T1', 'http://a.test/', '#333', { a: { value: '1' } },
), (answer) => answer.msgid);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'co-wechat-api-'));
const file = path.join(folder, 'a.png');
fs.writeFileSync(file, PICTURE);
try {
  const up = await report.works('uploadMedia', () => api.uploadMedia(file, 'image'), (a) => a.media_id);
  await report.works('getMedia', () => api.getMedia(up.media_id), (a) => PICTURE.equals(a));
  await report.works('sendImage', () => api.sendImage(openid, up.media_id));
  await report.works('uploadImage', () => api.uploadImage(file), (a) => a.url);
  await report.works('uploadMaterial', () => api.uploadMaterial(file, 'image'), (a) => a.media_id);
} finally {
  fs.rmSync(folder, { recursive: true });
}

await report.works('getUser', () => api.getUser(openid), (a) => a.subscribe === 1);
await report.works('batchGetUsers', () => api.batchGetUsers([openid]), (a) => a.user_info_list[0].openid === openid);
await report.works('getFollowers', () => api.getFollowers(), (a) => a.data.openid.includes(openid));
await report.works('updateRemark', () => api.updateRemark(openid, '友'));
const { tag } = await report.works('createTags', () => api.createTags('co'), (a) => a.tag.id);
await report.works('getTags', () => api.getTags(), (a) => a.tags.length);
await report.works('updateTag', () => api.updateTag(tag.id, 'co2'));
await report.works('batchTagging', () => api.batchTagging([openid], tag.id));
await report.works('getIdList', () => api.getIdList(openid), (a) => a.tagid_list.includes(tag.id));
await report.works('getUsersFromTag', () => api.getUsersFromTag(tag.id), (a) => a.data.openid[0] === openid);
await report.works('batchUnTagging', () => api.batchUnTagging([openid], tag.id));
await report.works('deleteTag', () => api.deleteTag(tag.id));
await report.works('createTmpQRCode', () => api.createTmpQRCode(7, 600), (a) => a.ticket);
await report.works('createLimitQRCode', () => api.createLimitQRCode('spring'), (a) => a.ticket);

const page = 'http://a.test/h5?x=1';
const config = await api.getJsConfig({ debug: false, jsApiList: [], url: page });
const signed = { ...config, url: page };
const answer = await fetch(`${process.argv[2]}/phone/jssdk`, { method: 'POST', body: JSON.stringify(signed) });
await report.works('getJsConfig', () => answer.json(), (told) => told.ok);

const wxa = new API(mini.appid, mini.secret);
const { code } = await control('POST', `${mine}/login`, {});
await report.works('code2Session', () => wxa.code2Session(code), (a) => a.openid === person.mini_openid);
await report.refused('code2Session', 40163, () => wxa.code2Session(code));
await report.works('getWXACodeUnlimit', () => wxa.getWXACodeUnlimit('a=1', 'pages/a'), (a) => Buffer.isBuffer(a));
await control('POST', `${mine}/consent`, { template_id: 'tmpl-1' });
const values = { thing1: { value: '更新了' } };
const notify = () => wxa.sendSubscribeMessage(person.mini_openid, 'tmpl-1', 'pages/a', values);
await report.works('sendSubscribeMessage', notify);
await report.refused('sendSubscribeMessage', 43101, notify);
report.leave();
