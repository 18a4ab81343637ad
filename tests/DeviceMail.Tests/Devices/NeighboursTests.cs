using System.Net;
using DeviceMail.Devices;

namespace DeviceMail.Tests.Devices;

/// <summary>Which addresses stand for a whole network, and must not be let in by one click.</summary>
public sealed class NeighboursTests
{
    [Fact]
    public void The_gateways_of_the_kernels_tables_are_found()
    {
        string[] v4 =
        [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
            "half a line",
        ];
        Assert.Equal([IPAddress.Parse("172.17.0.1")], Neighbours.GatewaysIn(v4));
        string[] v6 =
        [
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0",
            "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0",
        ];
        Assert.Equal([IPAddress.Parse("fe80::1")], Neighbours.GatewaysInV6(v6));
    }

    [Theory]
    [InlineData("docker0", true)]
    [InlineData("br-6f1a2b3c4d5e", true)]
    [InlineData("virbr0", true)]
    [InlineData("cni-podman0", true)]
    [InlineData("eth0", false)]
    [InlineData("enp3s0", false)]
    [InlineData("wlan0", false)]
    public void A_container_bridge_is_known_by_its_name(string card, bool isBridge) => Assert.Equal(isBridge, Neighbours.IsBridge(card));

    [Fact]
    public void A_usual_address_is_no_gateway_and_neither_is_what_is_no_address()
    {
        Assert.Null(Neighbours.WhyNotByAddress("192.0.2.57"));
        Assert.Null(Neighbours.WhyNotByAddress("not an address"));
    }
}
