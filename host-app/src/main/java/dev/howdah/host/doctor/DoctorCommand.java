package dev.howdah.host.doctor;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code howdah doctor}: says what is wrong between the operator, plugins and Clusters. */
@Command(
    name = "doctor",
    description = {
      "Finds what usually goes wrong between the operator, plugins and Clusters, and says what to"
          + " do.",
      "Exit code 0: nothing is wrong, though there may be warnings. 1: something is. 2: what it was"
          + " given can't be read. 3: there is no API server."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "It only reads. Secrets are looked at for their certificates; who may not read them gets the",
      "other checks. Without access to the cluster, on what somebody else collected:",
      "",
      "  kubectl get svc,secret,cm,endpointslices,deploy -n cnpg-system -o yaml > operator.yaml",
      "  kubectl get clusters.postgresql.cnpg.io,pods -A -o yaml > clusters.yaml",
      "  howdah doctor --from operator.yaml --from clusters.yaml"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class DoctorCommand implements Callable<Integer> {

  static final int HEALTHY = 0;
  static final int SICK = 1;
  static final int UNREADABLE = 2;
  static final int NO_SERVER = 3;

  private static final String USUAL = "cnpg-system";

  private final Clock clock;

  @Option(
      names = "--from",
      paramLabel = "FILE|DIR",
      description = "Objects as kubectl get -o yaml writes them, instead of an API server.")
  private List<Path> from = new ArrayList<>();

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description = "Where the operator runs. Default: where its Deployment is, else cnpg-system")
  private @Nullable String namespace;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: KUBECONFIG, ~/.kube/config, or the Pod's service account")
  private @Nullable Path kubeconfig;

  @Option(names = "--context", paramLabel = "NAME", description = "The kubeconfig's context.")
  private @Nullable String context;

  @Option(names = "--json", description = "Prints the findings as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** With the machine's clock. */
  public DoctorCommand() {
    this(Clock.systemUTC());
  }

  DoctorCommand(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    ClusterObjects objects;
    try {
      objects = from.isEmpty() ? live() : collected();
    } catch (IOException unreadable) {
      err.println("howdah: " + unreadable.getMessage());
      return UNREADABLE;
    } catch (KubernetesClientException unreachable) {
      err.println(
          "howdah: there is no API server to ask. Name a kubeconfig with --kubeconfig, or give"
              + " objects with --from.");
      return NO_SERVER;
    }
    List<Finding> findings = new Doctor(clock).examine(objects);
    if (json) {
      printJson(findings);
    } else {
      print(objects, findings);
    }
    return findings.stream().anyMatch(it -> it.severity() == Finding.Severity.ERROR)
        ? SICK
        : HEALTHY;
  }

  private ClusterObjects live() throws IOException {
    try (KubernetesClient client = client()) {
      String place = namespace;
      if (place == null) {
        try {
          place =
              client
                  .apps()
                  .deployments()
                  .inAnyNamespace()
                  .withLabel("app.kubernetes.io/name", "cloudnative-pg")
                  .list()
                  .getItems()
                  .stream()
                  .findFirst()
                  .map(it -> it.getMetadata().getNamespace())
                  .orElse(USUAL);
        } catch (KubernetesClientException refused) {
          if (refused.getCode() <= 0) {
            throw refused;
          }
          place = USUAL;
        }
      }
      return LiveObjects.read(client, place);
    }
  }

  private KubernetesClient client() throws IOException {
    Config config;
    if (kubeconfig != null) {
      if (!Files.isReadable(kubeconfig)) {
        throw new IOException("%s can't be read.".formatted(kubeconfig));
      }
      config = Config.fromKubeconfig(kubeconfig.toFile());
      if (context != null) {
        config = Config.fromKubeconfig(context, kubeconfig.toFile());
      }
    } else {
      config = Config.autoConfigure(context);
    }
    config.setRequestRetryBackoffLimit(1);
    config.setConnectionTimeout(5_000);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private ClusterObjects collected() throws IOException {
    List<KubernetesObject> objects = new ArrayList<>();
    for (Path place : from) {
      objects.addAll(ObjectFiles.read(place));
    }
    if (objects.isEmpty()) {
      throw new IOException("There are no Kubernetes objects in what --from names.");
    }
    Set<String> unread =
        new TreeSet<>(
            List.of(
                "Service", "Secret", "ConfigMap", "EndpointSlice", "Deployment", "Cluster", "Pod"));
    objects.forEach(it -> unread.remove(it.kind()));
    String place =
        namespace != null
            ? namespace
            : objects.stream()
                .filter(it -> it.kind().equals("Deployment") && Operators.isOperator(it))
                .map(KubernetesObject::namespace)
                .findFirst()
                .orElse(USUAL);
    return new ClusterObjects(place, objects, unread);
  }

  private void print(ClusterObjects objects, List<Finding> findings) {
    PrintWriter out = spec.commandLine().getOut();
    for (Finding finding : findings) {
      out.println(finding.severity() + "  " + finding.subject());
      out.println("  " + finding.problem());
      out.println("  → " + finding.remedy());
      out.println();
    }
    out.printf(
        "Looked at %d plugins and %d Clusters; the operator's namespace is %s.%n",
        objects.plugins().size(), objects.clusters().size(), objects.operatorNamespace());
    if (!objects.unread().isEmpty()) {
      out.println("Not read: " + String.join(", ", new TreeSet<>(objects.unread())) + ".");
    }
    Map<Finding.Severity, Long> counts =
        findings.stream().collect(Collectors.groupingBy(Finding::severity, Collectors.counting()));
    out.println(
        findings.isEmpty()
            ? "Nothing is wrong."
            : "%d errors, %d warnings, %d notes."
                .formatted(
                    counts.getOrDefault(Finding.Severity.ERROR, 0L),
                    counts.getOrDefault(Finding.Severity.WARNING, 0L),
                    counts.getOrDefault(Finding.Severity.NOTE, 0L)));
  }

  private void printJson(List<Finding> findings) {
    List<Map<String, String>> printed = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, String> one = new LinkedHashMap<>();
      one.put("severity", finding.severity().name());
      one.put("subject", finding.subject());
      one.put("problem", finding.problem());
      one.put("remedy", finding.remedy());
      printed.add(one);
    }
    spec.commandLine()
        .getOut()
        .println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(printed));
  }
}
