package node

import (
	"os"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfigs maps each user to the certificate it shows.
var kubeconfigs = map[string]string{
	"admin":              "admin",
	"controller-manager": "controller-manager",
	"scheduler":          "scheduler",
	"proxy":              "proxy",
	"kubelet":            "kubelet",
}

// writeKubeconfigs writes them with everything embedded, so that one file can be copied away.
func writeKubeconfigs() error {
	for user, certificate := range kubeconfigs {
		if err := writeKubeconfig(user, certificate); err != nil {
			return err
		}
	}
	return nil
}

func writeKubeconfig(user, certificate string) error {
	var files [3][]byte
	for i, name := range []string{"ca.crt", certificate + ".crt", certificate + ".key"} {
		content, err := os.ReadFile(pkiPath(name))
		if err != nil {
			return err
		}
		files[i] = content
	}
	config := api.NewConfig()
	config.Clusters["tenantry"] = &api.Cluster{
		Server: apiServerURL, CertificateAuthorityData: files[0],
	}
	config.AuthInfos[user] = &api.AuthInfo{
		ClientCertificateData: files[1], ClientKeyData: files[2],
	}
	config.Contexts["tenantry"] = &api.Context{Cluster: "tenantry", AuthInfo: user}
	config.CurrentContext = "tenantry"
	encoded, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	return writeFile(kubeconfigPath(user), encoded, 0o600)
}
