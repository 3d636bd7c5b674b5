package node

import (
	"fmt"
	"path/filepath"
)

const (
	etcdURL    = "https://127.0.0.1:23790"
	etcdPeers  = "https://127.0.0.1:23791"
	xdsPort    = "18001"
	healthPort = "18000"
	debugPort  = "18060"
	statsPort  = "18002"
)

// processes are all the cluster's components. `self` is this program.
func processes(self string, layout Layout) []*process {
	list := []*process{
		containerd(), etcd(self), apiServer(self), controllerManager(self), scheduler(self),
		kubeProxy(self), kubelet(self), coreDNS(self), volumes(self),
	}
	return append(list, ingress(layout)...)
}

func containerd() *process {
	return &process{
		name: "containerd", program: "containerd",
		arguments: []string{"--config", configPath("containerd.toml")},
		ready:     unixSocketAnswers(containerdSocket()),
	}
}

func etcd(self string) *process {
	return &process{
		name: "etcd", program: self,
		arguments: []string{
			"etcd", "--name=tenantry", "--data-dir=" + statePath("etcd"),
			"--listen-client-urls=" + etcdURL, "--advertise-client-urls=" + etcdURL,
			"--listen-peer-urls=" + etcdPeers, "--initial-advertise-peer-urls=" + etcdPeers,
			"--initial-cluster=tenantry=" + etcdPeers,
			// Whoever can write to etcd rules the cluster, and any user of the machine reaches the port.
			"--client-cert-auth", "--trusted-ca-file=" + pkiPath("ca.crt"),
			"--cert-file=" + pkiPath("etcd.crt"), "--key-file=" + pkiPath("etcd.key"),
			"--peer-client-cert-auth", "--peer-trusted-ca-file=" + pkiPath("ca.crt"),
			"--peer-cert-file=" + pkiPath("etcd.crt"), "--peer-key-file=" + pkiPath("etcd.key"),
			// The cluster's state is thrown away by `down`; a power failure may do so, too.
			"--unsafe-no-fsync", "--log-level=warn",
		},
		ready: ourURLAnswers(etcdURL + "/health"),
	}
}

func apiServer(self string) *process {
	return &process{
		name: "kube-apiserver", program: self, after: []string{"etcd"},
		arguments: []string{
			"kube-apiserver", "--etcd-servers=" + etcdURL, "--etcd-cafile=" + pkiPath("ca.crt"),
			"--etcd-certfile=" + pkiPath("admin.crt"), "--etcd-keyfile=" + pkiPath("admin.key"),
			"--bind-address=0.0.0.0", "--secure-port=6443", "--advertise-address=" + bridgeAddress,
			"--tls-cert-file=" + pkiPath("apiserver.crt"),
			"--tls-private-key-file=" + pkiPath("apiserver.key"),
			"--client-ca-file=" + pkiPath("ca.crt"),
			"--service-cluster-ip-range=" + serviceNetwork,
			"--service-account-issuer=https://kubernetes.default.svc",
			"--service-account-key-file=" + pkiPath("service-account.pub"),
			"--service-account-signing-key-file=" + pkiPath("service-account.key"),
			"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
			"--allow-privileged", "--endpoint-reconciler-type=lease",
			"--kubelet-client-certificate=" + pkiPath("admin.crt"),
			"--kubelet-client-key=" + pkiPath("admin.key"),
			"--kubelet-certificate-authority=" + pkiPath("ca.crt"),
			// The node's name means nothing to the machine's resolver; its address always works.
			"--kubelet-preferred-address-types=InternalIP",
			"--audit-policy-file=" + configPath("audit.yaml"),
			"--audit-log-path=" + AuditLog(), "--audit-log-maxsize=512", "--audit-log-maxbackup=2",
		},
		ready: ourURLAnswers(apiServerURL + "/readyz"),
	}
}

// AuditLog has a line for each finished request to the API server.
func AuditLog() string { return statePath("logs", "audit.log") }

func controllerManager(self string) *process {
	return &process{
		name: "kube-controller-manager", program: self, after: []string{"kube-apiserver"},
		arguments: []string{
			"kube-controller-manager", "--kubeconfig=" + kubeconfigPath("controller-manager"),
			"--bind-address=127.0.0.1", "--leader-elect=false", "--use-service-account-credentials",
			"--service-account-private-key-file=" + pkiPath("service-account.key"),
			"--root-ca-file=" + pkiPath("ca.crt"),
			"--cluster-signing-cert-file=" + pkiPath("ca.crt"),
			"--cluster-signing-key-file=" + pkiPath("ca.key"),
			"--kube-api-qps=500", "--kube-api-burst=1000",
			// A busy machine must not look like a lost node.
			"--node-monitor-grace-period=2m",
		},
	}
}

func scheduler(self string) *process {
	return &process{
		name: "kube-scheduler", program: self, after: []string{"kube-apiserver"},
		arguments: []string{
			"kube-scheduler", "--bind-address=127.0.0.1",
			"--config=" + configPath("kube-scheduler.yaml"),
			"--authentication-kubeconfig=" + kubeconfigPath("scheduler"),
			"--authorization-kubeconfig=" + kubeconfigPath("scheduler"),
		},
	}
}

func kubeProxy(self string) *process {
	return &process{
		name: "kube-proxy", program: self, after: []string{"kube-apiserver"},
		arguments: []string{"kube-proxy", "--config=" + configPath("kube-proxy.yaml")},
	}
}

func kubelet(self string) *process {
	return &process{
		name: "kubelet", program: self, after: []string{"kube-apiserver", "containerd"},
		arguments: []string{
			"kubelet", "--config=" + configPath("kubelet.yaml"),
			"--kubeconfig=" + kubeconfigPath("kubelet"), "--root-dir=" + kubeletRoot(),
			"--cert-dir=" + statePath("kubelet-certificates"),
			"--hostname-override=" + nodeName, "--node-ip=" + bridgeAddress,
		},
	}
}

func kubeletRoot() string { return statePath("kubelet") }

func coreDNS(self string) *process {
	return &process{
		name: "coredns", program: self, after: []string{"kube-apiserver"},
		arguments: []string{"coredns", "-conf", configPath("Corefile")},
	}
}

func volumes(self string) *process {
	return &process{
		name: "volumes", program: self, after: []string{"kube-apiserver"},
		arguments: []string{
			"volumes", "--kubeconfig=" + kubeconfigPath("admin"), "--root=" + statePath("volumes"),
		},
	}
}

// ingress is Contour, which turns Ingresses into routes, and Envoy, which serves them.
func ingress(layout Layout) []*process {
	contour := filepath.Join(layout.Programs, "contour")
	port := fmt.Sprint(ingressPort)
	return []*process{
		{
			name: "contour", program: contour, after: []string{"manifests"},
			arguments: []string{
				"serve", "--kubeconfig=" + AdminKubeconfig(), "--config-path=" + configPath("contour.yaml"),
				"--insecure", "--disable-leader-election", "--ingress-class-name=contour",
				"--envoy-service-http-address=127.0.0.1", "--envoy-service-http-port=" + port,
				"--xds-address=127.0.0.1", "--xds-port=" + xdsPort,
				"--http-address=127.0.0.1", "--http-port=" + healthPort,
				"--health-address=127.0.0.1", "--health-port=" + healthPort,
				"--debug-http-address=127.0.0.1", "--debug-http-port=" + debugPort,
				"--stats-address=127.0.0.1", "--stats-port=" + statsPort,
				"--ingress-status-address=" + bridgeAddress,
			},
			ready: urlAnswers("http://127.0.0.1:" + healthPort + "/healthz"),
		},
		{
			name: "envoy", program: layout.Envoy, after: []string{"contour"},
			arguments: []string{
				"--config-path", configPath("envoy.json"), "--disable-hot-restart",
				"--service-node", nodeName, "--service-cluster", nodeName,
				"--concurrency", "2", "--log-level", "warning",
			},
		},
	}
}
