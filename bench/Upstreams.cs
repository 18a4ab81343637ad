namespace DeviceMail.Bench;

/// <summary>What the cloud's sign-in and TLS cost: DeviceMail to the same sink, in clear and as to a provider.</summary>
public static class Upstreams
{
    public const string Clear = "10 KB to our own sink in clear, drained";
    public const string SignedIn = "10 KB to our own sink with TLS and XOAUTH2, drained";

    private const int Messages = 8_000;

    private static readonly Case What = new("", 50, 10_240) { Messages = Messages, Flow = Flow.Relayed };

    /// <returns>Messages a second, until the sink has the last one.</returns>
    public static async Task<double> MeasureAsync(BenchOptions options, string title, CancellationToken cancel)
    {
        if (title == Clear)
        {
            await using var clear = new CloudSink(null, null);
            return await DrainAsync(options, clear, Upstream.Clear(clear.Port), cancel);
        }
        using var certificate = new BenchCertificate();
        await using var signIn = await CloudSignIn.StartAsync(cancel);
        await using var sink = new CloudSink(certificate, signIn.Token);
        return await DrainAsync(options, sink, new Upstream("localhost", sink.Port,
            ["--method", "oauth2", "--security", "tls", "--mechanism", "xoauth2", "--client-id", "bench", "--scopes", "SMTP.Send offline_access",
             "--device-endpoint", $"{signIn.Address}/device", "--token-endpoint", $"{signIn.Address}/token"])
        {
            Then = ["signin", Gateway.Account, "--anyway"],
            RootPem = certificate.RootPem,
        }, cancel);
    }

    private static async Task<double> DrainAsync(BenchOptions options, CloudSink sink, Upstream upstream, CancellationToken cancel)
    {
        await using var gateway = await Gateway.StartAsync(options, What, upstream, cancel);
        var start = TimeProvider.System.GetTimestamp();
        await Load.RunAsync(What, gateway, Messages, cancel);
        await sink.DrainedAsync(Messages, cancel);
        return Messages / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }
}
