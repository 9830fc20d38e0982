/**
 * What both pages share: the look, the words, the clock, and the way to the server.
 *
 * A page imports `@liveshop/ui/tokens.css` and `@liveshop/ui/base.css` once, before its own.
 */

export { type Account, keptAccount } from "./account.ts";
export { type Api, api, ApiError, type PostOptions } from "./api.ts";
export { type Away, away, daysOff } from "./away.ts";
export { Avatar } from "./Avatar.tsx";
export { Button } from "./Button.tsx";
export { alarm, clockOffset, now, serverNow } from "./clock.ts";
export { Countdown } from "./Countdown.tsx";
export { device } from "./device.ts";
export { Field } from "./Field.tsx";
export { keepFocus } from "./focus.ts";
export {
  compact,
  countryName,
  dayAndTime,
  days,
  duration,
  money,
  moneyParts,
  relative,
  time,
  unit,
  when,
} from "./format.ts";
export {
  catalogue,
  language,
  type Language,
  LANGUAGES,
  locale,
  speak,
  type Text,
  type Values,
} from "./i18n.ts";
export { Icon, type IconName } from "./Icon.tsx";
export { IconButton } from "./IconButton.tsx";
export { LanguageSwitch } from "./LanguageSwitch.tsx";
export { LiveBadge } from "./LiveBadge.tsx";
export { Picture } from "./Picture.tsx";
export { Price } from "./Price.tsx";
export { Select } from "./Select.tsx";
export { Sheet } from "./Sheet.tsx";
export { StockBar } from "./StockBar.tsx";
export { TextArea } from "./TextArea.tsx";
export { thumbnail } from "./thumbnail.ts";
export { toast, Toaster, type Tone } from "./Toast.tsx";
