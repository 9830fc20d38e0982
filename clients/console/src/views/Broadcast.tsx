import { Button, Icon } from "@liveshop/ui";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Broadcast as Broadcasting } from "../broadcast.ts";
import type { Devices } from "../capture.ts";
import { openBroadcast } from "../console.ts";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { Connection } from "./Connection.tsx";
import { LevelMeter } from "./LevelMeter.tsx";
import "../style/broadcast.css";

interface Props {
  readonly desk: Desk;
}

/** The host's own picture: see it, choose what it shows, and put it on air. */
export function Broadcast({ desk }: Props) {
  const [broadcast, setBroadcast] = useState<Broadcasting>();
  useEffect(() => {
    const opened = openBroadcast(desk.show);
    setBroadcast(opened);
    return () => opened.leave();
  }, [desk.show]);
  const { show } = desk.room.value;
  if (broadcast === undefined || !desk.may("run_show")) return null;
  if (show === null || show.state === "ended") return null;
  return <Panel broadcast={broadcast} onAir={show.on_air === true} />;
}

interface PanelProps {
  readonly broadcast: Broadcasting;
  /** Whether video comes in, ours or another's. */
  readonly onAir: boolean;
}

function Panel({ broadcast, onAir }: PanelProps) {
  const { stream, source, phase, trouble, rehearsing, mirror, health } = broadcast;
  const idle = phase.value === "idle";
  const another = onAir && (idle || rehearsing.value);
  const state = rehearsing.value && phase.value === "on_air" ? "rehearsing" : phase.value;
  return (
    <section class="broadcast" aria-labelledby="broadcast-title">
      <header class="broadcast-head">
        <h3 id="broadcast-title">{t("video.title")}</h3>
        <span class={`chip broadcast-${idle && another ? "another" : state}`} role="status">
          {idle && another ? t("video.another") : t(`video.${state}`)}
        </span>
      </header>
      {stream.value === null ? (
        <p class="broadcast-lead">{t("video.lead")}</p>
      ) : (
        <>
          <Picture
            stream={mirror.value ?? stream.value}
            label={mirror.value ? t("video.mirror") : t("video.preview")}
            mirrored={source.value === "camera" && mirror.value === null}
          />
          <LevelMeter stream={stream.value} />
        </>
      )}
      {rehearsing.value && <p class="broadcast-lead">{t("video.rehearsal_lead")}</p>}
      {health.value !== null && <Connection health={health.value} />}
      {trouble.value !== null && (
        <p class="broadcast-trouble" role="alert">
          {t(`video.trouble_${trouble.value}`)}
        </p>
      )}
      {source.value === "camera" && <Choices broadcast={broadcast} />}
      <div class="broadcast-deeds">
        {idle && stream.value !== null && (
          <>
            <Button
              look="strong"
              icon="play"
              onClick={() => broadcast.start(another ? "takeover" : "live")}
            >
              {another ? t("video.take_over") : t("video.start")}
            </Button>
            <Button icon="eye" onClick={() => broadcast.start("rehearsal")}>
              {t("video.rehearse")}
            </Button>
          </>
        )}
        {!idle && (
          <Button icon="stop" onClick={() => broadcast.stop()}>
            {rehearsing.value ? t("video.stop_rehearsal") : t("video.stop")}
          </Button>
        )}
        {idle && <Sources broadcast={broadcast} />}
        {idle && stream.value !== null && (
          <Button look="plain" onClick={() => broadcast.leave()}>
            {t("video.release")}
          </Button>
        )}
      </div>
    </section>
  );
}

/** What else can be shown. */
function Sources({ broadcast }: { readonly broadcast: Broadcasting }) {
  const chooser = useRef<HTMLInputElement>(null);
  const { source } = broadcast;
  return (
    <>
      {source.value !== "camera" && (
        <Button icon="camera" onClick={() => broadcast.open("camera")}>
          {t("video.camera")}
        </Button>
      )}
      {source.value !== "screen" && (
        <Button icon="screen" onClick={() => broadcast.open("screen")}>
          {t("video.screen")}
        </Button>
      )}
      <Button icon="file" onClick={() => chooser.current?.click()}>
        {t("video.file")}
      </Button>
      <input
        ref={chooser}
        type="file"
        accept="video/*"
        hidden
        aria-label={t("video.file")}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = "";
          if (file) void broadcast.play(file);
        }}
      />
    </>
  );
}

interface PictureProps {
  readonly stream: MediaStream;
  readonly label: string;
  readonly mirrored: boolean;
}

function Picture({ stream, label, mirrored }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <video
      ref={video}
      class={mirrored ? "broadcast-picture broadcast-mirrored" : "broadcast-picture"}
      aria-label={label}
      autoPlay
      playsInline
      muted
    />
  );
}

function Choices({ broadcast }: { readonly broadcast: Broadcasting }) {
  const { devices, stream } = broadcast;
  const chosen = (kind: string): string | undefined =>
    stream.value
      ?.getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId;
  return (
    <div class="broadcast-choices">
      <Choice
        label={t("video.which_camera")}
        found={devices.value.videoinput}
        chosen={chosen("video")}
        onPick={(id) => broadcast.choose("videoinput", id)}
      />
      <Choice
        label={t("video.which_microphone")}
        found={devices.value.audioinput}
        chosen={chosen("audio")}
        onPick={(id) => broadcast.choose("audioinput", id)}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly found: Devices[keyof Devices];
  readonly chosen: string | undefined;
  readonly onPick: (id: string) => void;
}

/** Shown where there is something to choose. */
function Choice({ label, found, chosen, onPick }: ChoiceProps) {
  if (found.length < 2) return null;
  return (
    <label class="broadcast-choice">
      <Icon name="chevron" />
      <select
        aria-label={label}
        value={chosen ?? ""}
        onChange={({ currentTarget }) => onPick(currentTarget.value)}
      >
        {found.map(({ deviceId, label: name }, number) => (
          <option key={deviceId} value={deviceId}>
            {name || `${label} ${number + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}
