// Files to send: one that a person chooses, or a picture, a voice or a video made here by code.
import { t } from "./words.js";

const BYTES_MOST = 10 * 1024 * 1024;

export const toBase64 = async (blob) => {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
};

export const chosenFile = (accept) => new Promise((resolve, reject) => {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  input.onchange = () => {
    const file = input.files[0];
    if (file && file.size > BYTES_MOST) reject(new Error(t("文件太大，最多 10 MB")));
    else resolve(file || null);
  };
  input.addEventListener("cancel", () => resolve(null));
  input.click();
});

// A hill country in the evening: never twice the same.
const paint = (context, width, height, moment) => {
  const hue = (moment * 40) % 360;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 45% 72%)`);
  sky.addColorStop(1, `hsl(${(hue + 40) % 360} 70% 90%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${(hue + 30) % 360} 90% 96%)`;
  context.beginPath();
  context.arc(width * (0.2 + 0.6 * ((moment / 9) % 1)), height * 0.3, height * 0.09, 0, 7);
  context.fill();
  for (let layer = 0; layer < 4; layer += 1) {
    context.fillStyle = `hsl(${hue} ${30 + layer * 6}% ${62 - layer * 14}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 8) {
      const wave = Math.sin(x / (70 - layer * 9) + moment + layer * 2) + Math.sin(x / 31 + layer);
      context.lineTo(x, height * (0.45 + layer * 0.13) + wave * height * 0.035);
    }
    context.lineTo(width, height);
    context.fill();
  }
};

const canvas = (width, height, moment) => {
  const made = document.createElement("canvas");
  made.width = width;
  made.height = height;
  paint(made.getContext("2d"), width, height, moment);
  return made;
};

export const samplePicture = () => new Promise((resolve) => {
  canvas(960, 640, Math.random() * 60).toBlob(resolve, "image/jpeg", 0.85);
});

// Two seconds of AMR narrow band: a hundred frames of 12.2 kbit/s, which is what WeChat records.
export const sampleVoice = () => {
  const bytes = [...new TextEncoder().encode("#!AMR\n")];
  for (let frame = 0; frame < 100; frame += 1) {
    bytes.push(0x3c, ...Array.from({ length: 31 }, (_, at) => (frame * 7 + at * 13) & 0x1f));
  }
  return new Blob([new Uint8Array(bytes)], { type: "audio/amr" });
};

export const sampleVideo = () => new Promise((resolve, reject) => {
  const made = canvas(320, 240, 0);
  const kinds = ["video/mp4;codecs=avc1.42E01E", "video/mp4", "video/webm;codecs=vp8", "video/webm"];
  const type = kinds.find((one) => window.MediaRecorder && MediaRecorder.isTypeSupported(one));
  if (!type) { reject(new Error(t("没有成功，请再试一次"))); return; }
  const pieces = [];
  const recorder = new MediaRecorder(made.captureStream(12), { mimeType: type });
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.onstop = () => resolve(new Blob(pieces, { type: type.split(";")[0] }));
  recorder.start();
  let moment = 0;
  const drawing = setInterval(() => {
    moment += 0.12;
    paint(made.getContext("2d"), 320, 240, moment);
  }, 80);
  setTimeout(() => { clearInterval(drawing); recorder.stop(); }, 1600);
});
