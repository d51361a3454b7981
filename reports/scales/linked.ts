import type { PhaseRecord } from "../../records/schema.ts";
import type { Environment } from "./environment.ts";

/** A record with its identity and where a report links to it. */
export interface LinkedRecord {
  id: string;
  /** Address of the record's file, relative to the report. */
  href: string;
  record: PhaseRecord;
}

/** A record that a report uses, with where it and all that it rests on were computed. */
export interface UsedRecord extends LinkedRecord {
  environment: Environment;
}
