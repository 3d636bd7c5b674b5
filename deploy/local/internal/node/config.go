package node

import (
	"bytes"
	"embed"
	"fmt"
	"text/template"

	"tenantry.dev/tenantry-node/internal/names"
	"tenantry.dev/tenantry-node/internal/volume"
)

//go:embed config
var configTemplates embed.FS

// configPath is where a rendered configuration file is.
func configPath(name string) string { return statePath("config", name) }

// writeConfigs renders every component's configuration.
func writeConfigs(layout Layout) error {
	values := map[string]any{
		"Address":       bridgeAddress,
		"Bridge":        bridgeName,
		"CNI":           statePath("config", "cni"),
		"DNS":           dnsServiceIP,
		"IngressPort":   ingressPort,
		"Kubeconfig":    "",
		"Leases":        statePath("addresses"),
		"Network":       podNetwork,
		"Node":          nodeName,
		"PKI":           statePath("pki"),
		"Pause":         names.Pause,
		"PodLogs":       statePath("pods"),
		"Provisioner":   volume.ProvisionerName,
		"ResolvConf":    "/etc/resolv.conf",
		"Root":          layout.containerdRoot(),
		"Socket":        containerdSocket(),
		"State":         runPath("containerd"),
		"Upstreams":     answeringResolvers(),
		"VolumePlugins": statePath("volume-plugins"),
	}
	users := map[string]string{
		"kube-proxy.yaml": "proxy", "kube-scheduler.yaml": "scheduler", "Corefile": "admin",
	}
	files := map[string]string{
		"containerd.toml": "containerd.toml", "cni.conflist": "cni/10-tenantry.conflist",
		"kubelet.yaml": "kubelet.yaml", "kube-proxy.yaml": "kube-proxy.yaml",
		"kube-scheduler.yaml": "kube-scheduler.yaml", "audit.yaml": "audit.yaml",
		"Corefile": "Corefile", "contour.yaml": "contour.yaml", "manifests.yaml": "manifests.yaml",
	}
	for source, target := range files {
		values["Kubeconfig"] = kubeconfigPath(users[source])
		if err := writeConfig(source, target, values); err != nil {
			return fmt.Errorf("write the configuration %s: %w", source, err)
		}
	}
	return nil
}

func writeConfig(source, target string, values map[string]any) error {
	text, err := configTemplates.ReadFile("config/" + source)
	if err != nil {
		return err
	}
	parsed, err := template.New(source).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return err
	}
	var rendered bytes.Buffer
	if err := parsed.Execute(&rendered, values); err != nil {
		return err
	}
	return writeFile(configPath(target), rendered.Bytes(), 0o644)
}
