import type { ComponentChildren, TargetedEvent } from "preact";
import "../style/signin.css";

interface Props {
  readonly onSubmit: (event: TargetedEvent<HTMLFormElement>) => void;
  readonly children: ComponentChildren;
}

/** What stands before the console: the poster, and one form. */
export function Gate({ onSubmit, children }: Props) {
  return (
    <main class="signin">
      <div class="signin-poster" aria-hidden="true">
        <span>liveshop</span>
      </div>
      <form class="signin-form" onSubmit={onSubmit}>
        {children}
      </form>
    </main>
  );
}
