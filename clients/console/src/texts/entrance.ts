/** What is said at the door, and on every page: in both languages, one under the other. */
import type { Text } from "@liveshop/ui";

const en = {
  console: "Console",
  shows: "Shows",
  products: "Products",
  team: "Team",
  sign_out: "Sign out",
  cancel: "Cancel",
  close: "Close",
  loading: "Loading…",
  try_again: "Try again",
  more: "Show more",

  "sign_in.title": "Go live. Sell live.",
  "sign_in.lead": "Sign in to run your shows.",
  "sign_in.email": "Email",
  "sign_in.password": "Password",
  "sign_in.submit": "Sign in",
  "sign_in.expired": "Your sign-in has run out. Please sign in again.",
  "sign_in.invited": "You are invited",
  "sign_in.invited_lead": "Sign in, or open an account, to join the team.",
  "sign_in.name": "Your name",
  "sign_in.password_hint": "8 characters or more",
  "sign_in.open": "Open account",
  "sign_in.open_instead": "I have no account yet",
  "sign_in.in_instead": "I have an account",

  "place.none": "You are in no team yet",
  "place.none_lead":
    "This account can watch and buy. To host, ask an admin for a host account; to work for a host, ask them for an invitation.",
  "place.code": "Invitation: its link or its code",
  "place.go_on": "Go on",
  "place.shop": "Shop",
  "place.own": "Your own shop: everything",
  "place.leave": "Leave this team",
  "place.leave_sure": "Leave {host}'s team?",
  "place.left": "You are no longer in {host}'s team",
  "place.refused": "Your place in {host}'s team does not include this. {host} can give it to you.",

  "join.title": "Join the team",
  "join.lead": "You are signed in as {name}. The invitation works once; after that you are in the team.",
  "join.join": "Join",
  "join.another": "Use another account",
  "join.joined": "Welcome to {host}'s team: {permissions}",
};

const zh: Readonly<Record<keyof typeof en, Text>> = {
  console: "控制台",
  shows: "直播场次",
  products: "商品",
  team: "团队",
  sign_out: "退出登录",
  cancel: "取消",
  close: "关闭",
  loading: "加载中…",
  try_again: "重试",
  more: "加载更多",

  "sign_in.title": "开播，开卖",
  "sign_in.lead": "登录后管理你的直播。",
  "sign_in.email": "邮箱",
  "sign_in.password": "密码",
  "sign_in.submit": "登录",
  "sign_in.expired": "登录已过期，请重新登录。",
  "sign_in.invited": "邀请你加入团队",
  "sign_in.invited_lead": "登录或注册后即可加入。",
  "sign_in.name": "你的名字",
  "sign_in.password_hint": "至少 8 个字符",
  "sign_in.open": "注册",
  "sign_in.open_instead": "我还没有账号",
  "sign_in.in_instead": "我已有账号",

  "place.none": "你还没有加入任何团队",
  "place.none_lead":
    "这个账号可以观看和下单。想开播，请联系管理员开通主播账号；想为主播工作，请向主播要一份邀请。",
  "place.code": "邀请链接或邀请码",
  "place.go_on": "继续",
  "place.shop": "店铺",
  "place.own": "你自己的店铺：全部权限",
  "place.leave": "退出这个团队",
  "place.leave_sure": "确定退出 {host} 的团队？",
  "place.left": "你已退出 {host} 的团队",
  "place.refused": "你在 {host} 的团队中没有这项权限，可以请 {host} 为你开通。",

  "join.title": "加入团队",
  "join.lead": "你已登录为 {name}。邀请只能使用一次，确认后你就是团队成员。",
  "join.join": "加入",
  "join.another": "换一个账号",
  "join.joined": "欢迎加入 {host} 的团队：{permissions}",
};

export const entrance = { en, zh };
