"""Schema of one video's database, and its migrations."""

from __future__ import annotations

SCHEMA_VERSION = 11

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('rev', 0), ('run', 0), ('replaced_bytes', 0);

-- Every accepted command, once: what a client sends again is found here.
CREATE TABLE ops (
    rev INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (client_id, seq)
);

CREATE TABLE instances (
    instance_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    colour TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    locked INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    class_name TEXT
);

-- The frames a person touched: core.frame_state.FrameState as JSON.
CREATE TABLE frames (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    state TEXT NOT NULL,
    digest TEXT NOT NULL,
    prompted INTEGER NOT NULL,
    PRIMARY KEY (instance_id, region, frame_idx)
) WITHOUT ROWID;

-- Masks that were there before the first prompt, or were made by hand. picture: SHA-256 of the PNG,
-- which is then a file of that name, and png is empty.
CREATE TABLE bases (
    base_id INTEGER PRIMARY KEY AUTOINCREMENT,
    png BLOB NOT NULL,
    facts TEXT NOT NULL,
    prediction BLOB,
    signature TEXT,
    picture TEXT
);
CREATE INDEX bases_of_picture ON bases (picture) WHERE picture IS NOT NULL;

-- What the model answered for each state of a frame: undo and restart read it, never guess it.
CREATE TABLE predictions (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    digest TEXT NOT NULL,
    signature TEXT NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (instance_id, region, frame_idx, digest, signature)
) WITHOUT ROWID;

-- Undo and redo. region NULL: the keypoints of an instance on a frame. client_id made the change,
-- undone_by undid it last; NULL: a script, or a version that did not note it. Changes of one action
-- are undone together; it is the revision of its last step.
CREATE TABLE history (
    history_id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id INTEGER NOT NULL,
    region TEXT,
    frame_idx INTEGER NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    client_id TEXT,
    undone_by TEXT,
    made_at REAL NOT NULL DEFAULT 0,
    action INTEGER
);
CREATE INDEX history_of_action ON history (action) WHERE action IS NOT NULL;
CREATE INDEX history_of_frame ON history (instance_id, region, frame_idx, history_id);

-- The clients that opened this video, and the person behind each.
CREATE TABLE clients (
    client_id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE keypoints (
    keypoint_id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id INTEGER NOT NULL,
    frame_idx INTEGER NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    name TEXT NOT NULL,
    visible INTEGER NOT NULL,
    derived INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX keypoints_of_frame ON keypoints (instance_id, frame_idx);
CREATE INDEX derived_keypoints ON keypoints (instance_id, name, frame_idx) WHERE derived;

CREATE TABLE masks (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    source TEXT NOT NULL,
    run INTEGER,
    score REAL,
    area INTEGER NOT NULL,
    box TEXT,
    approved INTEGER NOT NULL DEFAULT 0,
    flags TEXT NOT NULL DEFAULT '',
    network TEXT,
    absent INTEGER NOT NULL DEFAULT 0,
    cleaned INTEGER NOT NULL DEFAULT 0,
    rejected TEXT, -- the reason, may be empty; NULL: nobody rejected it
    agreement REAL, -- IoU of the masks that the two passes of a fill found
    PRIMARY KEY (instance_id, region, frame_idx)
) WITHOUT ROWID;

-- Measures of masks as they were written: core.mask_traits.MaskTraits, packed.
CREATE TABLE mask_traits (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (instance_id, region, frame_idx)
) WITHOUT ROWID;

-- How runs and exports clean the masks of a pair: core.cleaning.Cleaning as JSON.
CREATE TABLE cleaning_rules (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (instance_id, region)
) WITHOUT ROWID;

-- The prompted frames as the last run of a pair used them.
CREATE TABLE conditioned (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (instance_id, region, frame_idx)
) WITHOUT ROWID;

-- The masks that runs wrote, each with the facts of the mask it replaced, whose file is kept;
-- facts NULL: there was none. A mask that was dropped for room has no row any more.
CREATE TABLE replaced_masks (
    run INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    facts TEXT,
    bytes INTEGER NOT NULL,
    iou REAL, -- of the mask before and the one that the run wrote
    PRIMARY KEY (run, instance_id, region, frame_idx)
) WITHOUT ROWID;

-- One row for each run and pair: what it was conditioned on, how far it reached, and how many masks
-- it wrote, replaced, and can no longer bring back.
CREATE TABLE runs (
    run INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    conditioning TEXT NOT NULL,
    first_frame INTEGER NOT NULL,
    last_frame INTEGER NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0,
    prompted INTEGER NOT NULL DEFAULT 0,
    written INTEGER NOT NULL DEFAULT 0,
    replaced INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, instance_id, region)
) WITHOUT ROWID;

CREATE TABLE jobs (
    job_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    params TEXT NOT NULL,
    run INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    error TEXT,
    created_at REAL NOT NULL,
    paused TEXT,
    took_s REAL
) WITHOUT ROWID;
"""

# The script that leads from each version to the next.
MIGRATIONS = {
    1: """
ALTER TABLE masks ADD COLUMN flags TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN paused TEXT;
""",
    2: "ALTER TABLE masks ADD COLUMN network TEXT;",
    3: """
ALTER TABLE history ADD COLUMN client_id TEXT;
ALTER TABLE history ADD COLUMN undone_by TEXT;
ALTER TABLE history ADD COLUMN made_at REAL NOT NULL DEFAULT 0;
CREATE TABLE clients (
    client_id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    name TEXT NOT NULL
) WITHOUT ROWID;
""",
    4: "ALTER TABLE instances ADD COLUMN class_name TEXT;",
    5: """
ALTER TABLE masks ADD COLUMN absent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE masks ADD COLUMN cleaned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE history ADD COLUMN action INTEGER;
CREATE INDEX history_of_action ON history (action) WHERE action IS NOT NULL;
CREATE TABLE cleaning_rules (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (instance_id, region)
) WITHOUT ROWID;
""",
    6: "ALTER TABLE masks ADD COLUMN rejected TEXT;",
    7: """
INSERT INTO meta VALUES ('replaced_bytes', 0);
CREATE TABLE replaced_masks (
    run INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    facts TEXT,
    bytes INTEGER NOT NULL,
    iou REAL,
    PRIMARY KEY (run, instance_id, region, frame_idx)
) WITHOUT ROWID;
CREATE TABLE mask_traits (
    instance_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    frame_idx INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (instance_id, region, frame_idx)
) WITHOUT ROWID;
ALTER TABLE runs ADD COLUMN prompted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN took_s REAL;
""",
    8: "ALTER TABLE masks ADD COLUMN agreement REAL;",
    9: """
ALTER TABLE keypoints ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;
CREATE INDEX derived_keypoints ON keypoints (instance_id, name, frame_idx) WHERE derived;
""",
    10: """
ALTER TABLE bases ADD COLUMN picture TEXT;
CREATE INDEX bases_of_picture ON bases (picture) WHERE picture IS NOT NULL;
""",
}
