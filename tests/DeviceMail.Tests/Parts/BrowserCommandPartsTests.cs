using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DeviceMail.Accounts;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary><c>devicemail signin --browser</c>, with a browser and a provider that nobody here wrote.</summary>
public sealed class BrowserCommandPartsTests
{
    private const string Mailbox = WayStage.Mailbox;

    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_command_takes_the_browser_back_and_prints_JSON_alone_when_asked()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority });
        await stage.ServeAsync(provider.IntrospectionAddress);
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(provider)));

        var command = GatewayDriver.CommandAsync("signin", Mailbox, "--browser", "--json", "--data", stage.Gateway.DataPath);
        var page = await Person.AuthorizeAndOpenAsync(await AddressAsync(stage, account, command), Mailbox, stage.Authority.RootFile);
        var end = await command;

        Assert.True(end.Code == 0, $"{end}");
        // What the person has to do goes beside the facts.
        Assert.Contains("  1. Open  https://localhost:", end.Error, StringComparison.Ordinal);
        Assert.Contains(Mailbox, JsonDocument.Parse(end.Output).RootElement.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains("close this window", page, StringComparison.Ordinal);
        Assert.Equal((SignInWay.Browser, Mailbox), (stage.Accounts.SignInOf(account.Id).By, stage.Accounts.SignInOf(account.Id).SignedInAs));
        await stage.SendAsync("by the command line");
    }

    [Fact]
    public async Task The_browser_comes_back_while_nobody_touches_the_keyboard()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority });
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(provider)));

        using var program = Start(stage, "--port", $"{FreePort.Next()}");
        var address = await AddressAsync(stage, account, program.WaitForExitAsync(Cancel));
        await Person.AuthorizeAndOpenAsync(address, Mailbox, stage.Authority.RootFile);
        var end = await EndAsync(program);

        Assert.True(end.Code == 0, $"{end}");
        Assert.Contains($"Sign in the mailbox {Mailbox} in a browser", end.Output, StringComparison.Ordinal);
        Assert.Contains($"Open  {address.AbsoluteUri}\n", end.Output, StringComparison.Ordinal);
        Assert.Equal(Mailbox, stage.Accounts.SignInOf(account.Id).SignedInAs);
    }

    [Fact]
    public async Task The_address_is_pasted_where_the_browser_is_elsewhere()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority });
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(provider)));

        using var program = Start(stage);
        var landed = await provider.AuthorizeAsync(await AddressAsync(stage, account, program.WaitForExitAsync(Cancel)), Mailbox);
        await program.StandardInput.WriteAsync("\nwhere is it\n");
        await program.StandardInput.WriteAsync($"  {landed}\n");
        await program.StandardInput.FlushAsync(Cancel);
        var end = await EndAsync(program);

        Assert.True(end.Code == 0, $"{end}");
        Assert.Equal(Mailbox, stage.Accounts.SignInOf(account.Id).SignedInAs);
    }

    [Fact]
    public async Task A_provider_that_does_not_say_who_signed_in_needs_the_persons_word()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = stage.Authority });
        var account = await stage.SaveAsync(WayStage.Describe(SecondProvider.ClientId, new OAuthEndpoints
        {
            Authorization = provider.AuthorizationEndpoint.AbsoluteUri, Token = provider.TokenEndpoint.AbsoluteUri, Scopes = "SMTP.Send",
        }));
        async Task<CommandEnd> RunAsync(params string[] more)
        {
            var command = GatewayDriver.CommandAsync(["signin", Mailbox, "--browser", "--json", "--data", stage.Gateway.DataPath, .. more]);
            await Person.AuthorizeAndOpenAsync(await AddressAsync(stage, account, command), Mailbox, stage.Authority.RootFile);
            return await command;
        }

        var refused = await RunAsync();
        Assert.Equal((1, ""), (refused.Code, refused.Output));
        Assert.Contains("did not say who signed in", Lines(refused.Error)[^1], StringComparison.Ordinal);
        Assert.Null(stage.Accounts.SignInOf(account.Id).Since);

        Assert.Equal(0, (await RunAsync("--anyway")).Code);
        Assert.NotNull(stage.Accounts.SignInOf(account.Id).Since);
    }

    [Fact]
    public async Task Who_says_no_and_a_port_that_cannot_be_had_are_told_in_a_sentence()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority });
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(provider)));
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Task<CommandEnd> RunAsync(params string[] more) => GatewayDriver.CommandAsync(["signin", Mailbox, "--browser", "--json", "--data", stage.Gateway.DataPath, .. more]);

        foreach (var (asked, words) in new[] { ($"{port}", $"Port {port} of this machine is in use."), ("70000", "--port cannot be 70000"), ("-1", "--port cannot be -1") })
        {
            var end = await RunAsync("--port", asked);
            Assert.Equal((1, ""), (end.Code, end.Output));
            Assert.StartsWith(words, Assert.Single(Lines(end.Error)), StringComparison.Ordinal);
        }
        Assert.Null(stage.SignIn.InBrowser(account.Id));

        var command = RunAsync();
        using var http = new HttpClient();
        var declined = await provider.DeclineAsync(await AddressAsync(stage, account, command));
        // A browser asks for an icon first; that is no answer.
        using var icon = await http.GetAsync(new Uri(declined, "/favicon.ico"), Cancel);
        await http.GetStringAsync(declined, Cancel);
        var refused = await command;
        Assert.Equal(HttpStatusCode.NotFound, icon.StatusCode);
        Assert.Equal((1, ""), (refused.Code, refused.Output));
        Assert.Contains("declined", Lines(refused.Error)[^1], StringComparison.Ordinal);
    }

    private static OAuthEndpoints OpenId(OidcProvider provider) => new() { Issuer = provider.Issuer, Scopes = "openid offline_access SMTP.Send" };

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What the command asks the person to open.</summary>
    private static async Task<Uri> AddressAsync(WayStage stage, Account account, Task command)
    {
        await LabGateway.EventuallyAsync(() => command.IsCompleted || stage.SignIn.InBrowser(account.Id) is not null);
        return stage.SignIn.InBrowser(account.Id)?.Address ?? throw new InvalidOperationException("The command ended before it asked for anything.");
    }

    /// <summary>The program itself, at a keyboard that is there and silent.</summary>
    private static Process Start(WayStage stage, params string[] more) =>
        Process.Start(Tool.Prepare(new ToolCall(ProgramFile.Path, ["signin", Mailbox, "--browser", "--data", stage.Gateway.DataPath, .. more])))!;

    private static async Task<CommandEnd> EndAsync(Process program)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(_longest);
        var output = program.StandardOutput.ReadToEndAsync(limit.Token);
        var error = program.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await program.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            program.Kill(entireProcessTree: true);
            throw new TimeoutException("The command did not end.");
        }
        return new CommandEnd(program.ExitCode, await output, await error);
    }
}
