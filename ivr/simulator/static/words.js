// What the telephone page says, in Mandarin and English.

const WORDS = {
  zh: {
    title: "电话", about: "盒子里的电话网：不需要真实的电话或运营商。", language: "语言", add: "加一部电话", remove: "移除这部电话",
    sound_on: "声音：开", sound_off: "声音：关", phone: "电话 {n}", from: "本机", to: "拨打", own: "其他号码…",
    own_from: "本机号码，例如 +8613900139000", own_to: "要拨的号码，例如 +8610…", mobile_cn: "中国", mobile_us: "美国", mobile_gb: "英国",
    withheld: "不显示号码", call: "拨打", hangup: "挂断", answer: "接听", decline: "拒接", keypad: "拨号键盘", keys_hint: "选中电话后，也可以用电脑键盘按 0–9、* 和 #。",
    transcript: "听到的内容", nothing_yet: "拨打热线，听到的每句话和按下的每个键都会出现在这里。", speak: "说话 5 秒", speak_hint: "正在录音：请留言，按 # 结束。", speaking: "正在说话…",
    idle: "空闲", calling: "正在呼叫", incoming: "来电", talking: "通话中", ended: "通话结束",
    ended_completed: "通话结束", ended_busy: "对方忙", ended_failed: "无法接通", "ended_no-answer": "无人接听", ended_canceled: "已取消",
    to_number: "拨往 {number}", from_number: "来自 {number}", with_number: "与 {number}",
    music: "等候音乐", recording: "播放录音 {name}", gather: "请按键", gather_n: "请按 {n} 位数字", ring: "回铃音……", beep: "“嘀”——开始录音",
    bridged: "已与对方接通", tones: "听到按键音 {keys}", sends: "发送按键 {keys}", announcement: "会议室提示音", fault: "服务出错({code})", cut: "被打断",
    you_spoke: "你说了 {n} 秒", network_gone: "连不上电话网。正在重新连接……", refused: "电话网拒绝了：{why}", number_needed: "请先输入号码。",
    number_wrong: "号码格式不对。请用国际格式，例如 +8613900139000。", same_number: "这个号码已经在另一部电话上。", no_numbers: "没有可拨的号码",
    texts: "短信", no_texts: "热线发来的短信会出现在这里，链接可以点开。", write_text: "回复短信，例如 QX、5 或 STOP", text: "发送", text_sent: "已发送：", text_received: "收到：",
    microphone_denied: "浏览器不允许使用麦克风：对方听不到您，您能听到对方。请在地址栏允许麦克风。",
    microphone_missing: "没有麦克风：对方听不到您，您能听到对方。", microphone_busy: "麦克风打不开，可能被其他程序占用：对方听不到您。",
    number_unknown: "无法接通 {number}：网内没有这个号码。",
  },
  en: {
    title: "Telephone", about: "A telephone network in a box: no real phone and no carrier needed.", language: "Language", add: "Add a phone", remove: "Remove this phone",
    sound_on: "Sound: on", sound_off: "Sound: off", phone: "Phone {n}", from: "From", to: "To", own: "Another number…",
    own_from: "Caller's number, such as +447700900123", own_to: "Number to dial, such as +4420…", mobile_cn: "China", mobile_us: "USA", mobile_gb: "UK",
    withheld: "Number withheld", call: "Call", hangup: "Hang up", answer: "Answer", decline: "Decline", keypad: "Keypad", keys_hint: "With the phone in focus, 0–9, * and # on your keyboard work too.",
    transcript: "What you hear", nothing_yet: "Call the hotline: every prompt you hear and every key you press appears here.", speak: "Speak for 5 s", speak_hint: "Recording: leave your message, end with #.", speaking: "Speaking…",
    idle: "Ready", calling: "Calling", incoming: "Incoming call", talking: "On the line", ended: "Call ended",
    ended_completed: "Call ended", ended_busy: "Busy", ended_failed: "Cannot be reached", "ended_no-answer": "No answer", ended_canceled: "Cancelled",
    to_number: "to {number}", from_number: "from {number}", with_number: "with {number}",
    music: "Waiting music", recording: "Recording {name}", gather: "Waiting for keys", gather_n: "Waiting for {n} digits", ring: "Ringing…", beep: "Beep: recording",
    bridged: "Connected to the other party", tones: "Tones heard: {keys}", sends: "Keys sent: {keys}", announcement: "Announcement in the room", fault: "The service failed ({code})", cut: "cut off",
    you_spoke: "You spoke for {n} s", network_gone: "The telephone network cannot be reached. Trying again…", refused: "The telephone network refused: {why}", number_needed: "Enter a number first.",
    number_wrong: "That is no telephone number. Use the international form, such as +447700900123.", same_number: "Another phone on this page has this number.", no_numbers: "No number to dial",
    texts: "Messages", no_texts: "Text messages of the hotline appear here; links can be followed.", write_text: "Answer, such as QX, 5 or STOP", text: "Send", text_sent: "Sent:", text_received: "Received:",
    microphone_denied: "The browser does not allow the microphone: the others cannot hear you, you hear them. Allow it in the address bar.",
    microphone_missing: "There is no microphone: the others cannot hear you, you hear them.", microphone_busy: "The microphone cannot be opened, perhaps another program holds it: the others cannot hear you.",
    number_unknown: "{number} cannot be reached: the network does not know this number.",
  },
};
const KEPT = "telephone.language";

let language = localStorage.getItem(KEPT) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
if (!(language in WORDS)) language = "en";

export const currentLanguage = () => language;

export function setLanguage(wanted) {
  language = wanted;
  localStorage.setItem(KEPT, wanted);
}

/** A text of the page's language; `{name}` is filled from `values`. */
export function t(key, values = {}) {
  return (WORDS[language][key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const known = (key) => key in WORDS[language];

/** Write the texts of everything below `root` that names one. */
export function dress(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
}
