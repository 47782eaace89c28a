package dev.howdah.sanity.cli;

import dev.howdah.sanity.check.Catalogue;
import dev.howdah.sanity.report.CatalogueText;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the catalogue. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists every check with its level.")
final class ListCommand implements Callable<Integer> {
  enum Form {
    text,
    markdown
  }

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}; default text.")
  private Form format = Form.text;

  @Override
  public Integer call() {
    if (spec != null) {
      String text =
          switch (format) {
            case text -> CatalogueText.plain(Catalogue.all());
            case markdown -> CatalogueText.markdown(Catalogue.all());
          };
      spec.commandLine().getOut().print(text);
      spec.commandLine().getOut().flush();
    }
    return 0;
  }
}
