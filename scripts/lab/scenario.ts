/** A scripted story and what it showed. */
export interface ScenarioReport {
  readonly name: string;
  readonly clean: boolean;
  readonly figures: Readonly<Record<string, string | number>>;
}

export interface ScenarioSize {
  readonly messages: number;
  /** Adverts that wait during the logins. */
  readonly campaign: number;
}

export interface Scenario {
  readonly name: string;
  run(size: ScenarioSize): Promise<ScenarioReport | { readonly skipped: string }>;
}
