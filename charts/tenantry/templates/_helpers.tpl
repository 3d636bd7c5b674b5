{{/* What every object of the chart is labelled with. */}}
{{- define "tenantry.labels" -}}
{{ include "tenantry.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tenantry
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* What the pods of tenantryd are found by. */}}
{{- define "tenantry.selector" -}}
app.kubernetes.io/name: tenantryd
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* An image by digest, from {repository, digest}. */}}
{{- define "tenantry.image" -}}
{{ printf "%s@%s" .repository .digest }}
{{- end }}

{{/* The Secret that holds the API's token. */}}
{{- define "tenantry.tokenSecret" -}}
{{ .Values.token.secretName | default "tenantry-token" }}
{{- end }}

{{/* What tenantryd reads as --config. */}}
{{- define "tenantry.config" -}}
namespace: {{ .Release.Namespace | quote }}
postgresqlImage: {{ include "tenantry.image" .Values.images.postgresql | quote }}
{{- with .Values.storageClassName }}
storageClassName: {{ . | quote }}
{{- end }}
ingress:
  className: {{ .Values.ingress.className | quote }}
  annotations: {{ .Values.ingress.annotations | toJson }}
  address: {{ .Values.ingress.address | quote }}
  scheme: {{ .Values.ingress.scheme | quote }}
  tls: {{ .Values.ingress.tls | toJson }}
  {{- $own := get (dict "http" 80 "https" 443) .Values.ingress.scheme }}
  {{- if ne (.Values.ingress.publicPort | int) $own }}
  publicPort: {{ .Values.ingress.publicPort | int }}
  {{- end }}
network:
  ingressController: {{ .Values.network.ingressController | toJson }}
  dns: {{ .Values.network.dns | toJson }}
  controlPlane:
    namespace: {{ .Release.Namespace | quote }}
    podLabels:
      {{- include "tenantry.selector" . | nindent 6 }}
  privateRanges: {{ .Values.network.privateRanges | toJson }}
{{- end }}

{{/* The account of tenantryd, as admission policies see it. */}}
{{- define "tenantry.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:tenantryd
{{- end }}

{{/* In CEL: whether somebody said that what is deleted may go all the same. */}}
{{- define "tenantry.abandoned" -}}
oldObject.metadata.?annotations[?'tenantry.dev/abandon'].orValue('') == oldObject.metadata.name
{{- end }}
