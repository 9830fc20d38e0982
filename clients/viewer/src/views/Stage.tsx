import { useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { Backdrop } from "./Backdrop.tsx";
import { FinalSeconds } from "./FinalSeconds.tsx";
import { Hearts } from "./Hearts.tsx";
import { Interlude } from "./Interlude.tsx";
import { Player } from "./Player.tsx";
import { ReplayVideo } from "./ReplayVideo.tsx";
import "./Stage.css";

const DOUBLE_TAP_MS = 320;

/** The picture: the host's video, and behind it the set, which is all there is without one. */
export function Stage() {
  const { state, onScreen, like, replay } = useLive();
  const { show, offers } = state.value;
  const onSet = offers.find(({ id }) => id === onScreen.value);
  const tapped = useRef(0);

  function tap(): void {
    const at = performance.now();
    if (at - tapped.current < DOUBLE_TAP_MS) like(1);
    tapped.current = at;
  }

  return (
    <section class="stage on-stage" onClick={tap}>
      <div class="stage-picture">
        <Backdrop
          picture={onSet?.picture}
          hostName={show?.state === "live" ? show.host_name : undefined}
          title={show?.title}
        />
        {replay ? <ReplayVideo replay={replay} /> : <Player />}
      </div>
      <div class="stage-shade" />
      {show && show.state !== "live" && !replay && <Interlude show={show} />}
      <FinalSeconds />
      <Hearts />
    </section>
  );
}
