-- The workflow catalog: one row a version. The definition is kept as it was registered; what is searched by is derived
-- from it, so that the two cannot disagree.
CREATE TABLE workflows (
    workflow_id     text        NOT NULL,
    version         text        NOT NULL,
    -- The version as numbers, so that 1.10.0 is later than 1.9.0.
    version_key     int[]       NOT NULL,
    is_latest       boolean     NOT NULL DEFAULT false,
    disabled_reason text,
    disabled_at     timestamptz,
    definition      jsonb       NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    signal_type     text        NOT NULL GENERATED ALWAYS AS (definition -> 'labels' ->> 'signalType') STORED,
    severity        text        NOT NULL GENERATED ALWAYS AS (definition -> 'labels' ->> 'severity') STORED,
    component       text        NOT NULL GENERATED ALWAYS AS (definition -> 'labels' ->> 'component') STORED,
    environment     text        NOT NULL GENERATED ALWAYS AS (definition -> 'labels' ->> 'environment') STORED,
    priority        text        NOT NULL GENERATED ALWAYS AS (definition -> 'labels' ->> 'priority') STORED,
    PRIMARY KEY (workflow_id, version)
);

-- Never two; that there is always one is the business of choose_latest.
CREATE UNIQUE INDEX workflows_one_latest ON workflows (workflow_id) WHERE is_latest;
CREATE INDEX workflows_by_signal ON workflows (signal_type) WHERE is_latest AND disabled_reason IS NULL;

-- The latest version is the highest one that is not disabled, or the highest one if all are.
-- The caller holds the lock of the workflow.
CREATE FUNCTION choose_latest(of_workflow text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    chosen text;
BEGIN
    SELECT version INTO chosen FROM workflows WHERE workflow_id = of_workflow
        ORDER BY (disabled_reason IS NULL) DESC, version_key DESC LIMIT 1;
    -- Two statements: a unique index that is not deferrable would trip over the order of rows in one.
    UPDATE workflows SET is_latest = false WHERE workflow_id = of_workflow AND is_latest AND version <> chosen;
    UPDATE workflows SET is_latest = true WHERE workflow_id = of_workflow AND version = chosen AND NOT is_latest;
END
$$;
