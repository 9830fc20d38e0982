-- When a show is planned for, how often that changed, and who wants to be told when it starts.

ALTER TABLE shows
    -- Grows with every change of the plan: calendars take the entry with the highest one.
    ADD COLUMN plan_revision integer NOT NULL DEFAULT 0 CHECK (plan_revision >= 0),
    ADD COLUMN planned_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE reminders (
    account_id  text NOT NULL REFERENCES accounts,
    show_id     text NOT NULL REFERENCES shows,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, show_id)
);
CREATE INDEX reminders_of_show ON reminders (show_id);
CREATE INDEX follows_of_account ON follows (account_id);
