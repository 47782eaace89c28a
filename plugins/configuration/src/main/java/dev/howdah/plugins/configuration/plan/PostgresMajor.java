package dev.howdah.plugins.configuration.plan;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out which PostgreSQL a Cluster has. */
public final class PostgresMajor {

  private static final Pattern TAG = Pattern.compile(".*:(\\d{2})(?:\\D.*)?", Pattern.DOTALL);

  private PostgresMajor() {}

  /**
   * What the data directory has, else what the image's tag or the image catalogue says, else the
   * newest one known, which is what CloudNativePG uses for Clusters that name no image.
   */
  public static int of(Cluster cluster) {
    return cluster
        .postgresMajor()
        .or(() -> cluster.imageName().flatMap(PostgresMajor::ofImage))
        .or(() -> ofCatalogue(cluster))
        .orElse(Catalogue.NEWEST);
  }

  private static Optional<Integer> ofImage(String image) {
    Matcher matcher = TAG.matcher(image.replaceFirst("@.*$", ""));
    return matcher.matches() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
  }

  private static Optional<Integer> ofCatalogue(Cluster cluster) {
    int major = cluster.at("spec", "imageCatalogRef", "major").asInt(0);
    return major > 0 ? Optional.of(major) : Optional.empty();
  }
}
