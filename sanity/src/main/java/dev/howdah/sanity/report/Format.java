package dev.howdah.sanity.report;

import dev.howdah.sanity.Report;
import java.util.List;

/** A form of report. */
public enum Format {
  /** Lines for a terminal. */
  TEXT {
    @Override
    public String print(List<Report> reports) {
      return TextReport.print(reports);
    }
  },
  /** One JSON document. */
  JSON {
    @Override
    public String print(List<Report> reports) {
      return JsonReport.print(reports);
    }
  },
  /** The XML that build servers read. */
  JUNIT {
    @Override
    public String print(List<Report> reports) {
      return JunitReport.print(reports);
    }
  },
  /** One file without references, to be attached somewhere. */
  HTML {
    @Override
    public String print(List<Report> reports) {
      return HtmlReport.print(reports);
    }
  };

  /**
   * The report as a text, ending in a line break.
   *
   * @param reports one for each target
   */
  public abstract String print(List<Report> reports);
}
