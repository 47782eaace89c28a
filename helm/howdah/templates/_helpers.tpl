{{/* Names. */}}
{{- define "howdah.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "howdah.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "howdah.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "howdah.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "howdah.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "howdah.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "howdah.selector" -}}
app.kubernetes.io/name: {{ include "howdah.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "howdah.labels" -}}
{{ include "howdah.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: howdah
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of an object: (dict "root" $ "name" ... "annotations" ... "labels" ...) */}}
{{- define "howdah.metadata" -}}
name: {{ .name }}
{{- if not .clusterScoped }}
namespace: {{ .namespace | default .root.Release.Namespace }}
{{- end }}
labels:
  {{- $labels := merge (dict) (.labels | default dict) (include "howdah.labels" .root | fromYaml) }}
  {{- toYaml $labels | nindent 2 }}
{{- $annotations := merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "howdah.imageOf" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $name := ternary .image.repository (printf "%s/%s" $registry .image.repository) (empty $registry) -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{- define "howdah.image" -}}
{{- include "howdah.imageOf" (dict "root" . "image" .Values.image) -}}
{{- end }}

{{/* The enabled plugins with their defaults filled in, as YAML: id → name, service, ... */}}
{{- define "howdah.plugins" -}}
{{- $root := . -}}
{{- $result := dict -}}
{{- range $id, $given := .Values.plugins -}}
{{- $plugin := $given | default dict -}}
{{- if ne (toString $plugin.enabled) "false" -}}
{{- $service := $plugin.serviceName | default (printf "%s-%s" (include "howdah.fullname" $root) $id) -}}
{{- if gt (len $service) 63 -}}
{{- fail (printf "The Service %s of plugin %s has more than 63 characters. Set plugins.%s.serviceName." $service $id $id) -}}
{{- end -}}
{{- $name := $plugin.name | default (printf "%s.howdah.dev" $id) -}}
{{- range $other, $seen := $result -}}
{{- if eq $seen.name $name -}}
{{- fail (printf "The plugins %s and %s are both called %s." $other $id $name) -}}
{{- end -}}
{{- if eq $seen.service $service -}}
{{- fail (printf "The plugins %s and %s both have the Service %s." $other $id $service) -}}
{{- end -}}
{{- end -}}
{{- $ns := $root.Release.Namespace -}}
{{- $aliases := list $service (printf "%s.%s" $service $ns) (printf "%s.%s.svc" $service $ns) -}}
{{- $all := concat $aliases ($plugin.aliases | default list) | uniq -}}
{{- $_ := set $result $id (dict "name" $name "service" $service "aliases" $all) -}}
{{- end -}}
{{- end -}}
{{- toYaml $result -}}
{{- end }}

{{- define "howdah.admissionService" -}}
{{- printf "%s-admission" (include "howdah.fullname" .) -}}
{{- end }}

{{/* DNS names of the server's certificate, sorted: a YAML list. */}}
{{- define "howdah.dnsNames" -}}
{{- $names := list -}}
{{- range $id, $plugin := include "howdah.plugins" . | fromYaml -}}
{{- $names = concat $names (list $plugin.name) $plugin.aliases -}}
{{- end -}}
{{- $admission := include "howdah.admissionService" . -}}
{{- $names = concat $names (list (include "howdah.fullname" .) $admission (printf "%s.%s" $admission .Release.Namespace) (printf "%s.%s.svc" $admission .Release.Namespace)) -}}
{{- toYaml (concat $names .Values.certificates.extraDnsNames | uniq | sortAlpha) -}}
{{- end }}

{{- define "howdah.serverSecret" -}}
{{- if eq .Values.certificates.mode "existing" -}}
{{- required "certificates.mode is existing: set certificates.existing.serverSecret." .Values.certificates.existing.serverSecret -}}
{{- else -}}
{{- printf "%s-server-tls" (include "howdah.fullname" .) -}}
{{- end -}}
{{- end }}

{{- define "howdah.clientSecret" -}}
{{- if eq .Values.certificates.mode "existing" -}}
{{- required "certificates.mode is existing: set certificates.existing.clientSecret." .Values.certificates.existing.clientSecret -}}
{{- else -}}
{{- printf "%s-client-tls" (include "howdah.fullname" .) -}}
{{- end -}}
{{- end }}

{{- define "howdah.clientTrustKey" -}}
{{- if eq .Values.certificates.mode "existing" -}}
{{- .Values.certificates.existing.clientTrustKey -}}
{{- else if and (eq .Values.certificates.mode "certManager") .Values.certificates.certManager.issuerRef -}}
tls.crt
{{- else -}}
ca.crt
{{- end -}}
{{- end }}

{{/* Plugins that the image carries; those that aren't wanted have to be switched off. */}}
{{- define "howdah.bundled" -}}
{{- .Files.Get "files/bundled.yaml" -}}
{{- end }}

{{/* The host's configuration. */}}
{{- define "howdah.config" -}}
{{- $root := . -}}
{{- $plugins := dict -}}
{{- range $id := include "howdah.bundled" . | fromYamlArray -}}
{{- $_ := set $plugins $id (dict "enabled" false) -}}
{{- end -}}
{{- range $id, $derived := include "howdah.plugins" . | fromYaml -}}
{{- $given := index $root.Values.plugins $id | default dict -}}
{{- $one := deepCopy ($given.settings | default dict) -}}
{{- $_ := set $one "enabled" true -}}
{{- $_ := set $one "aliases" $derived.aliases -}}
{{- if $given.required }}{{ $_ := set $one "required" true }}{{ end -}}
{{- with $given.failPolicy }}{{ $_ := set $one "fail-policy" . }}{{ end -}}
{{- with $given.limits }}{{ $_ := set $one "limits" . }}{{ end -}}
{{- $_ := set $plugins $id $one -}}
{{- end -}}
{{- $howdah := dict
  "mode" "operator"
  "home" "/var/lib/howdah"
  "grpc" (dict
    "address" (printf ":%d" (int .Values.grpc.port))
    "drain-timeout" .Values.grpc.drainTimeout
    "tls" (dict
      "certificate" "/etc/howdah/tls/server/tls.crt"
      "private-key" "/etc/howdah/tls/server/tls.key"
      "client-certificates" (printf "/etc/howdah/tls/client/%s" (include "howdah.clientTrustKey" .))))
  "plugins" $plugins -}}
{{- $discovery := dict -}}
{{- if .Values.dropIns.existingClaim }}{{ $_ := set $discovery "directory" "/drop-in" }}{{ end -}}
{{- $places := list -}}
{{- range concat .Values.dropIns.images .Values.dropIns.initContainers -}}
{{- $places = append $places (printf "/drop-ins/%s" .name) -}}
{{- end -}}
{{- with $places }}{{ $_ := set $discovery "plugins" . }}{{ end -}}
{{- $pins := dict -}}
{{- range $jar, $hash := .Values.dropIns.sha256 }}{{ $_ := set $pins (printf "[%s]" $jar) $hash }}{{ end -}}
{{- if or $pins (ne .Values.dropIns.verification "off") -}}
{{- $_ := set $discovery "verification" (dict "mode" .Values.dropIns.verification "sha256" $pins) -}}
{{- end -}}
{{- with $discovery }}{{ $_ := set $howdah "discovery" . }}{{ end -}}
{{- if .Values.audit.enabled -}}
{{- $audit := deepCopy .Values.audit.settings -}}
{{- $_ := set $audit "enabled" true -}}
{{- $stdout := not .Values.audit.file.enabled -}}
{{- if kindIs "bool" .Values.audit.stdout.enabled }}{{ $stdout = .Values.audit.stdout.enabled }}{{ end -}}
{{- $_ := set $audit "stdout" (merge (dict "enabled" $stdout) ($audit.stdout | default dict)) -}}
{{- $file := merge (dict "enabled" .Values.audit.file.enabled) (deepCopy .Values.audit.file.settings) -}}
{{- if .Values.audit.file.enabled }}{{ $_ := set $file "directory" "/var/lib/howdah-audit/trail" }}{{ end -}}
{{- $_ := set $audit "file" $file -}}
{{- if .Values.audit.key.existingSecret -}}
{{- $_ := set $audit "key" (dict "file" "/etc/howdah/audit-key/audit.pem" "create" false) -}}
{{- else if .Values.audit.file.enabled -}}
{{- $_ := set $audit "key" (dict "file" "/var/lib/howdah-audit/key/audit.pem") -}}
{{- end -}}
{{- $_ := set $howdah "audit" $audit -}}
{{- end -}}
{{- if .Values.webhooks.enabled -}}
{{- $_ := set $howdah "admission" (dict "enabled" true "address" (printf ":%d" (int .Values.webhooks.port))) -}}
{{- else -}}
{{- $_ := set $howdah "admission" (dict "enabled" false) -}}
{{- end -}}
{{- $_ := set $howdah "kubernetes" (dict "enabled" (ternary "auto" "false" .Values.kubernetes.enabled) "name" (include "howdah.fullname" .)) -}}
{{- if .Values.sidecar.enabled -}}
{{- $_ := set $howdah "sidecar" (dict "config-map" (printf "%s-sidecar" (include "howdah.fullname" .))) -}}
{{- end -}}
{{- with .Values.tracing.endpoint -}}
{{- $_ := set $howdah "tracing" (dict "endpoint" . "sampling" $root.Values.tracing.sampling) -}}
{{- end -}}
{{- $config := dict
  "howdah" $howdah
  "server" (dict "address" "0.0.0.0" "port" (int .Values.http.port)) -}}
{{- $logging := dict -}}
{{- if eq .Values.logging.format "json" }}{{ $_ := set $logging "structured" (dict "format" (dict "console" "ecs")) }}{{ end -}}
{{- with .Values.logging.levels -}}
{{- $levels := dict -}}
{{- range $logger, $level := . }}{{ $_ := set $levels (printf "[%s]" $logger) $level }}{{ end -}}
{{- $_ := set $logging "level" $levels -}}
{{- end -}}
{{- with $logging }}{{ $_ := set $config "logging" . }}{{ end -}}
{{- toYaml (mustMergeOverwrite $config (deepCopy .Values.config)) -}}
{{- end }}

{{/* What can't work is refused before anything is written. */}}
{{- define "howdah.check" -}}
{{- if ne .Release.Namespace .Values.operator.namespace -}}
{{- fail (printf "The release goes into namespace %s, but CloudNativePG finds plugins only in its own, which is %s by operator.namespace. Install with --namespace %s, or set operator.namespace to where the operator runs." .Release.Namespace .Values.operator.namespace .Values.operator.namespace) -}}
{{- end -}}
{{- if not (include "howdah.plugins" . | fromYaml) -}}
{{- fail "No plugin is enabled; enable at least one in plugins." -}}
{{- end -}}
{{- if and .Values.webhooks.enabled (eq .Values.certificates.mode "existing") (not .Values.webhooks.caBundle) -}}
{{- fail "With certificates.mode existing the API server has to be told whom to trust: set webhooks.caBundle." -}}
{{- end -}}
{{- if and .Values.webhooks.enabled (eq (int .Values.webhooks.port) (int .Values.grpc.port)) -}}
{{- fail "webhooks.port and grpc.port are the same." -}}
{{- end -}}
{{- if or (eq (int .Values.http.port) (int .Values.grpc.port)) (and .Values.webhooks.enabled (eq (int .Values.webhooks.port) (int .Values.http.port))) -}}
{{- fail "http.port is the port of something else, too." -}}
{{- end -}}
{{- if le (int .Values.certificates.validDays) (int .Values.certificates.renewBeforeDays) -}}
{{- fail "certificates.renewBeforeDays must be less than certificates.validDays." -}}
{{- end -}}
{{- if and .Values.dropIns.images (semverCompare "<1.33.0-0" .Capabilities.KubeVersion.Version) -}}
{{- fail (printf "dropIns.images need Kubernetes 1.33, this is %s. Use dropIns.initContainers." .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $drain := trimSuffix "s" .Values.grpc.drainTimeout | int -}}
{{- if le (int .Values.terminationGracePeriodSeconds) (add $drain (int .Values.preStopSeconds)) -}}
{{- fail "terminationGracePeriodSeconds must be more than preStopSeconds and grpc.drainTimeout together." -}}
{{- end -}}
{{- end }}

{{/* The authority of generated certificates, base64. Made once for all templates of a rendering, and
     once for all upgrades of a release. */}}
{{- define "howdah.authority" -}}
{{- if not (hasKey .Values "madeAuthority") -}}
{{- $name := printf "%s-authority" (include "howdah.fullname" .) -}}
{{- $old := lookup "v1" "Secret" .Release.Namespace $name -}}
{{- if and $old (index $old.data "tls.crt") (index $old.data "tls.key") -}}
{{- $_ := set .Values "madeAuthority" (buildCustomCert (index $old.data "tls.crt") (index $old.data "tls.key")) -}}
{{- else -}}
{{- $_ := set .Values "madeAuthority" (genCA $name 3650) -}}
{{- end -}}
{{- end -}}
{{- .Values.madeAuthority.Cert | b64enc -}}
{{- end }}
