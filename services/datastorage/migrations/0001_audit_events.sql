-- Audit events, partitioned by month of the event (UTC).
--
-- A partitioned table can only be unique on columns that include the partition key, so identity lives in a table of its
-- own: an id that is in there was stored before, whatever timestamp it comes with this time.
CREATE TABLE audit_event_ids (
    event_id uuid PRIMARY KEY
);

CREATE TABLE audit_events (
    event_id        uuid        NOT NULL,
    event_timestamp timestamptz NOT NULL,
    event_type      text        NOT NULL,
    correlation_id  text        NOT NULL,
    service         text        NOT NULL,
    outcome         text        NOT NULL CHECK (outcome IN ('success', 'failure', 'pending')),
    resource        jsonb,
    event_data      jsonb       NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_timestamp, event_id)
) PARTITION BY RANGE (event_timestamp);

CREATE INDEX audit_events_by_correlation ON audit_events (correlation_id, event_timestamp, event_id);
CREATE INDEX audit_events_by_type ON audit_events (event_type, event_timestamp, event_id);

-- The net under the rope: an event whose month has no partition yet lands here instead of failing.
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;

-- Makes sure that a month has its partition, and moves there what landed in the default partition meanwhile.
-- Safe to call at any time, by any number of sessions.
CREATE FUNCTION ensure_audit_month(any_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day timestamptz := date_trunc('month', any_day::timestamp) AT TIME ZONE 'UTC';
    next_month timestamptz := (date_trunc('month', any_day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    partition text := 'audit_events_' || to_char(any_day, '"y"YYYY"m"MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ensure_audit_month'));
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Built aside and attached: creating a partition in place would lock the whole table against reading.
    EXECUTE format('CREATE TABLE %I (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    -- From here on nothing can slip into the default partition behind our back.
    LOCK TABLE audit_events_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'WITH moved AS (DELETE FROM audit_events_default WHERE event_timestamp >= %L AND event_timestamp < %L RETURNING *)
         INSERT INTO %I SELECT * FROM moved', first_day, next_month, partition);
    EXECUTE format('ALTER TABLE audit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition, first_day, next_month);
END
$$;
