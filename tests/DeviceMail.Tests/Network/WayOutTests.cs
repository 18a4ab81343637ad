using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.EmailServer;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Network;

/// <summary>By which interface and proxy connections leave, and what an additional network means.</summary>
public sealed class WayOutTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.2", "127.0.0.2")]
    [InlineData("lo", "127.0.0.1")]
    public async Task Mail_and_sign_ins_leave_by_the_chosen_interface(string chosen, string address)
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var mail = new ScriptedServer();
        await using var service = new PlainHttp();
        await SetAsync(gateway, ("network.outgoing", chosen));

        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.Off, Port = mail.Port, Security = ConnectionSecurity.None });
        await gateway.HandInAsync("by which way", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => mail.Messages.Count == 1);
        Assert.Equal(address, mail.LastClient!.ToString());

        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.OAuth2, OAuth = gateway.Account.OAuth with { DeviceAuthorization = service.Address + "/device" } });
        await gateway.Services.GetRequiredService<AccountSignIn>().StartAsync(gateway.Account, Cancel);
        Assert.Equal(address, Assert.Single(service.Requests).From.ToString());
    }

    [Fact]
    public async Task Connections_leave_without_delay()
    {
        await using var gateway = await LabGateway.StartAsync();
        var way = gateway.Services.GetRequiredService<WayOut>();
        foreach (var chosen in (string[])["", "127.0.0.2"])
        {
            await SetAsync(gateway, ("network.outgoing", chosen));
            await using var stream = Assert.IsType<NetworkStream>(await way.OpenMailAsync("127.0.0.1", gateway.Lab.Smtp.Port, Cancel));
            Assert.True(stream.Socket.NoDelay);
        }
    }

    [Fact]
    public async Task Without_its_interface_mail_is_held_and_says_so()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await SetAsync(gateway, ("network.outgoing", "eth77"));
        var run = await TestAsync(gateway);
        Assert.Contains("The network interface eth77 is not there", run.Steps.Single(step => step.Mark == "bad").Fault!.ServerWords, StringComparison.Ordinal);

        await gateway.HandInAsync("waits", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1) is { State: JobState.Held, Problem: "server-unreachable" });
        await SetAsync(gateway, ("network.outgoing", ""));
        await gateway.Queue.TryNowAsync(1);
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task An_additional_network_holds_oauth2_says_why_and_lets_go_by_itself()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await SetAsync(gateway, ("network.outgoing", "lo"), ("network.additional", "eth9,lo"));
        await LabGateway.EventuallyAsync(() => gateway.Status.StandsInTheWay(gateway.Account.Id) == Problems.AdditionalNetwork);
        Assert.Equal(360, Problems.AdditionalNetwork.Code);
        Assert.Contains("additional networks do not support OAuth 2.0 authentication", Problems.AdditionalNetwork.Cause, StringComparison.Ordinal);

        await gateway.HandInAsync("held", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "additional-network"));
        var start = Assert.IsType<SignInStart.Ended>(await gateway.Services.GetRequiredService<AccountSignIn>().StartAsync(gateway.Account, Cancel));
        Assert.Equal(Problems.AdditionalNetwork, Assert.IsType<SignInStep.Blocked>(start.Step).Problem);
        var step = (await TestAsync(gateway)).Steps.Single(one => one.Mark == "bad");
        Assert.Equal(("token", FieldLink.Interfaces), (step.Key, Assert.Single(step.Fault!.Fields)));

        await SetAsync(gateway, ("network.additional", ""));
        await gateway.ArrivesAsync("anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.SignedIn);
    }

    [Fact]
    public async Task A_relay_without_oauth2_sends_by_an_additional_network()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var mail = new ScriptedServer();
        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.Off, Port = mail.Port, Security = ConnectionSecurity.None });
        await SetAsync(gateway, ("network.outgoing", "lo"), ("network.additional", "lo"));
        await gateway.HandInAsync("relay", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => mail.Messages.Count == 1);
    }

    [Fact]
    public async Task Sign_ins_ask_the_proxy_and_this_machine_is_never_asked_through_it()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var proxy = new PlainHttp();
        await SetAsync(gateway, ("network.proxy", proxy.Address));
        await gateway.SignInAsync();
        Assert.Empty(proxy.Requests);

        await SaveAsync(gateway, gateway.Account with { OAuth = gateway.Account.OAuth with { DeviceAuthorization = "https://login.test/device" } });
        var start = Assert.IsType<SignInStart.Ended>(await gateway.Services.GetRequiredService<AccountSignIn>().StartAsync(gateway.Account, Cancel));
        Assert.Equal(Problems.Unreachable, Assert.IsType<SignInStep.Blocked>(start.Step).Problem);
        Assert.Equal("CONNECT login.test:443 HTTP/1.1", Assert.Single(proxy.Requests).Line);
    }

    [Fact]
    public async Task Mail_goes_through_the_proxy_only_when_that_is_set()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var proxy = new PlainHttp { Answer = "HTTP/1.1 200 Connection established\r\n\r\n", LeadsTo = gateway.Lab.Smtp.Port };
        await gateway.SignInAsync();
        await SetAsync(gateway, ("network.proxy", proxy.Address));
        await gateway.HandInAsync("direct", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Empty(proxy.Requests);

        await SetAsync(gateway, ("network.proxy-for-mail", "on"));
        await gateway.HandInAsync("by proxy", "ben@contoso.example");
        await gateway.ArrivesAsync("ben@contoso.example");
        Assert.Equal($"CONNECT 127.0.0.1:{gateway.Lab.Smtp.Port} HTTP/1.1", proxy.Requests[0].Line);
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_quoted()
    {
        await using var gateway = await LabGateway.StartAsync();
        await using var proxy = new PlainHttp { Answer = "HTTP/1.1 403 Port not allowed\r\n\r\n" };
        await SetAsync(gateway, ("network.proxy", proxy.Address), ("network.proxy-for-mail", "on"));
        var fault = await Assert.ThrowsAsync<IOException>(() => gateway.Services.GetRequiredService<WayOut>().OpenMailAsync("smtp.test", 587, Cancel));
        Assert.Contains("403 Port not allowed", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network.proxy", "proxy:3128")]
    [InlineData("network.proxy", "http://user:secret@proxy:3128")]
    [InlineData("network.proxy", "https://proxy:3128")]
    [InlineData("network.outgoing", "eth0; reboot")]
    [InlineData("network.additional", "eth0 eth1")]
    [InlineData("network.proxy-for-mail", "perhaps")]
    public async Task A_wrong_setting_is_refused(string name, string text)
    {
        await using var gateway = await LabGateway.StartAsync();
        Assert.IsType<SettingsSave.Refused>(await gateway.Services.GetRequiredService<SettingsStore>().SaveAsync(new Dictionary<string, string> { [name] = text }));
    }

    [Theory]
    [InlineData(-900, true)]
    [InlineData(900, true)]
    [InlineData(240, false)]
    [InlineData(0, false)]
    public async Task The_clock_is_compared_with_the_sign_in_service(int seconds, bool isTooMuch)
    {
        await using var gateway = await LabGateway.StartAsync();
        var clock = gateway.Services.GetRequiredService<GatewayClock>();
        Assert.Null(clock.Last);
        await using var service = new PlainHttp();
        var theirs = TimeProvider.System.GetUtcNow().AddSeconds(-seconds);
        service.Answer = $"HTTP/1.1 400 Bad Request\r\nDate: {theirs.ToString("R", CultureInfo.InvariantCulture)}\r\nContent-Length: 18\r\n\r\n{{\"error\":\"no_use\"}}";
        await SaveAsync(gateway, gateway.Account with { OAuth = gateway.Account.OAuth with { DeviceAuthorization = service.Address + "/device" } });
        await gateway.Services.GetRequiredService<AccountSignIn>().StartAsync(gateway.Account, Cancel);
        var offset = clock.Last!;
        Assert.Equal(isTooMuch, offset.IsTooMuch);
        Assert.Equal("127.0.0.1", offset.With);
        Assert.InRange(offset.By.TotalSeconds, seconds - 30, seconds + 30);
    }

    private static async Task SetAsync(LabGateway gateway, params (string Name, string Text)[] settings) => Assert.IsType<SettingsSave.Saved>(
        await gateway.Services.GetRequiredService<SettingsStore>().SaveAsync(settings.ToDictionary(one => one.Name, one => one.Text)));

    private static async Task SaveAsync(LabGateway gateway, Account account) =>
        Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(account));

    private static async Task<ConnectionTestRun> TestAsync(LabGateway gateway)
    {
        var (run, done) = gateway.Services.GetRequiredService<ConnectionTests>().Start(new(gateway.Account, gateway.Account));
        await done.WaitAsync(Cancel);
        return run;
    }
}
