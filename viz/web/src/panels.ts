// The page's panels, in the order of their tabs: one line each.
import { claimsPanel } from "./claims/panel";
import { Comparison } from "./comparison_panel";
import { matrixPanel } from "./matrix/panel";
import type { Panel } from "./panel";
import type { Report } from "./report";
import { Run } from "./run_panel";
import { TourPanel } from "./tour";

export async function panels(report: Report): Promise<Panel[]> {
  const all = [
    await TourPanel.read(report),
    await claimsPanel(report),
    await matrixPanel(),
    report.comparison ? new Comparison(report) : null,
    ...report.runs.map((_, number) => new Run(number, report)),
  ];
  return all.filter((panel) => panel !== null);
}
