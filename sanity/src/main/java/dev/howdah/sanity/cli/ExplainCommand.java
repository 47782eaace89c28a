package dev.howdah.sanity.cli;

import dev.howdah.sanity.check.Catalogue;
import dev.howdah.sanity.report.CatalogueText;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints one check with its reason and its remedy. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = "Says what a check requires, why, and what to do about it.")
final class ExplainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "ID", description = "Such as LIF-06.")
  private String id = "";

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("run by picocli only");
    }
    CommandLine commandLine = spec.commandLine();
    String text =
        Catalogue.find(id.toUpperCase(Locale.ROOT))
            .map(CatalogueText::explain)
            .orElseThrow(
                () ->
                    new ParameterException(
                        commandLine, "no check is called " + id + "; see howdah sanity list"));
    commandLine.getOut().print(text);
    commandLine.getOut().flush();
    return 0;
  }
}
