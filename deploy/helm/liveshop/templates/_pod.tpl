{{/* What every object of this release is found by. */}}
{{- define "liveshop.labels" -}}
app.kubernetes.io/name: liveshop
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "liveshop.selector" -}}
app.kubernetes.io/name: liveshop
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{/* The container that all parts share; .part is liveshop's command. */}}
{{- define "liveshop.container" -}}
name: {{ .part }}
image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - secretRef:
      name: {{ .secret | default .root.Values.secretName }}
env:
  - {name: LIVESHOP_PUBLIC_URL, value: {{ .root.Values.publicUrl | quote }}}
  - {name: LIVESHOP_TRUSTED_PROXIES, value: {{ .root.Values.trustedProxies | quote }}}
  - {name: LIVESHOP_DATA_DIR, value: /var/lib/liveshop}
  - {name: LIVESHOP_MEDIA, value: {{ ternary "builtin" "off" .root.Values.media.enabled | quote }}}
  {{- if .root.Values.media.enabled }}
  - {name: LIVESHOP_MEDIA_URL, value: "http://{{ .root.Release.Name }}-media:8080"}
  {{- end }}
  {{- range $name, $value := .root.Values.settings }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
  {{- end }}
{{- end }}

{{/* Alive: its loop turns. Ready: every part that it needs answers it. */}}
{{- define "liveshop.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 4
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 2
  timeoutSeconds: 3
  # A gate that is rebuilt takes a second or two, everywhere at once: that must not take the whole shop out of the service.
  failureThreshold: 4
{{- end }}

{{- define "liveshop.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}
