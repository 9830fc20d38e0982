import { useLive } from "../live.ts";
import { NamePrompt } from "./NamePrompt.tsx";

/** Asked once, when a name is first needed; then what was wanted goes on by itself. */
export function NameSheet() {
  const { beCalled, stayNameless } = useLive();
  return <NamePrompt onName={beCalled} onClose={stayNameless} />;
}
