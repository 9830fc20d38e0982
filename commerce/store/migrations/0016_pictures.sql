-- What a picture shows, for those who do not see it: by its address, so that it stays with the
-- picture when the pictures change places, and when an import lists them again.
ALTER TABLE products ADD COLUMN alts jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(alts) = 'object');
