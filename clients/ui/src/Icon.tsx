import "./Icon.css";

/** 24 x 24, drawn with one stroke. */
const DRAWINGS = {
  bag: "M6 8.5h12l-.9 10a2 2 0 0 1-2 1.8H8.9a2 2 0 0 1-2-1.8zM9 11V7.2a3 3 0 0 1 6 0V11",
  ban: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM5.7 5.7l12.6 12.6",
  bolt: "M13 2.8 5.5 13.2h5.2l-.7 8 7.5-10.6h-5.3z",
  camera:
    "M4.5 6.5h8.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4.5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15 10.5l6.5-3.5v10L15 13.5",
  check: "m5 12.5 4.6 4.7L19 7.5",
  chevron: "m9 5.5 6.5 6.5L9 18.5",
  clock: "M12 7v5.2l3.4 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  close: "m6 6 12 12M18 6 6 18",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z",
  file: "M13.5 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.5zM13.5 3v5.5H19",
  chart: "M4 4.5v15h16M8 15.5v-4M12 15.5v-8M16 15.5v-6",
  globe:
    "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM3.3 12h17.4M12 3c2.6 2.7 3.8 5.7 3.8 9S14.6 18.3 12 21c-2.6-2.7-3.8-5.7-3.8-9S9.4 5.7 12 3z",
  heart:
    "M12 20.3S3.5 15.5 3.5 9.3A4.6 4.6 0 0 1 12 6.8a4.6 4.6 0 0 1 8.5 2.5c0 6.2-8.5 11-8.5 11z",
  grip: "M9 6h.01M9 12h.01M9 18h.01M15 6h.01M15 12h.01M15 18h.01",
  keys: "M4 6.5h16a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 16V8A1.5 1.5 0 0 1 4 6.5zM6.5 10.5h.01M10 10.5h.01M13.5 10.5h.01M17 10.5h.01M8 14h8",
  lock: "M6.5 10.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19v-7a1.5 1.5 0 0 1 1.5-1.5zM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3",
  minus: "M5.5 12h13",
  mute: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  note: "M6 3.5h12v17H6zM9 8h6M9 12h6M9 16h3",
  people:
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5c0-3 2.7-5 6.5-5s6.5 2 6.5 5M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.9c2.2.7 3.5 2.4 3.5 4.6",
  pin: "M9 3.5h6l-.7 6.3 3.2 3.7v1.5h-11v-1.5l3.2-3.7zM12 15v6",
  play: "M7.5 4.8v14.4l11.5-7.2z",
  plus: "M12 5.5v13M5.5 12h13",
  popout: "M4 5.5h16a1.5 1.5 0 0 1 1.5 1.5v4M10 18.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5M13 13.5h8.5v6H13z",
  receipt: "M6 3.5h12v17l-3-1.8-3 1.8-3-1.8-3 1.8zM9.5 8.5h5M9.5 12.5h5",
  screen: "M4 4.5h16a1.5 1.5 0 0 1 1.5 1.5v9.5A1.5 1.5 0 0 1 20 17H4a1.5 1.5 0 0 1-1.5-1.5V6A1.5 1.5 0 0 1 4 4.5zM8.5 20.5h7M12 17v3.5",
  search: "m20 20-4.3-4.3M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0z",
  send: "M4 12 20 4.5 16 20l-4.5-6.5zM11.5 13.5 20 4.5",
  signout: "M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9.5",
  sound: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  stop: "M6.5 6.5h11v11h-11z",
  shield: "M12 3.5 19 6v5.5c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6z",
  trash: "M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l.8 13.5h9.4l.8-13.5M10 10.5v6M14 10.5v6",
  upload: "M12 16V4.5M7 9l5-4.8L17 9M4.5 16v2.5a2 2 0 0 0 2 2h11a2 2 0 0 0 2-2V16",
} as const;

export type IconName = keyof typeof DRAWINGS;

interface Props {
  readonly name: IconName;
  /** Filled with its own colour, not only drawn. */
  readonly solid?: boolean;
}

/** Only ever beside a text or inside something that has a label. */
export function Icon({ name, solid = false }: Props) {
  return (
    <svg class={solid ? "icon icon-solid" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={DRAWINGS[name]} />
    </svg>
  );
}
