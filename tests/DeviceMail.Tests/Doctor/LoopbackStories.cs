using System.Diagnostics;
using DeviceMail.Lab.Entra;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Doctor;

/// <summary>Sign-ins in a browser from the command line: the browser comes back while nobody types, or a person pastes where it landed.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class LoopbackStories
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_administrators_browser_comes_back_and_the_yes_is_typed_at_the_same_keyboard()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        gateway.Lab.Switches.DeviceCodeBlocked = true;
        using var command = Start(gateway, "doctor", "--tenant", "--browser", "--authority", $"{gateway.Lab.Web}", "--graph", $"{gateway.Lab.Web}graph/v1.0");
        var landed = gateway.Lab.Authorizations.Approve(await OpenedAsync(command), "admin@contoso.example");
        Assert.Equal("localhost", landed.Host);
        using var http = new HttpClient();
        using var icon = await http.GetAsync(new Uri(landed, "/favicon.ico"), Cancel);
        using var stranger = await http.GetAsync(new Uri(landed, "/?code=1&state=2"), Cancel);
        Assert.Equal((System.Net.HttpStatusCode.NotFound, System.Net.HttpStatusCode.NotFound), (icon.StatusCode, stranger.StatusCode));
        Assert.Contains("You can close this window", await http.GetStringAsync(landed, Cancel), StringComparison.Ordinal);
        await LineAsync(command, "to do    application");
        await command.StandardInput.WriteLineAsync("yes");
        await EndAsync(command);
        Assert.Equal(4, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task A_mailboxs_sign_in_is_pasted_and_a_wrong_address_is_told()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.DoAsync("accounts", "set", Gateway.Mailbox, "--authorization-endpoint", $"{gateway.Lab.Web}{LabTenant.TenantId}/oauth2/v2.0/authorize");
        using var command = Start(gateway, "signin", "--browser");
        var landed = gateway.Lab.Authorizations.Approve(await OpenedAsync(command), Gateway.Mailbox);
        await command.StandardInput.WriteLineAsync("http://localhost/?code=1&state=2");
        await LineAsync(command, "This is not the address that this sign-in landed on.");
        await command.StandardInput.WriteLineAsync(landed.ToString());
        await LineAsync(command, $"{Gateway.Mailbox} is signed in.");
        await EndAsync(command);
    }

    [Fact]
    public async Task A_sign_in_that_is_interrupted_leaves_no_code_behind()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.SignInAsync();
        using var command = Start(gateway, "signin");
        await LineAsync(command, "Waiting for you");
        Assert.Equal("WaitingForPerson", (await gateway.AccountAsync()).GetProperty("status").GetString());
        await Tool.RunAsync("kill", "-INT", $"{command.Id}");
        await command.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, command.ExitCode);
        Assert.Equal("SignedIn", (await gateway.AccountAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_script_that_cannot_be_written_and_a_port_without_a_browser_are_told_before_anybody_signs_in()
    {
        await using var gateway = await Gateway.StartAsync();
        var script = await gateway.RunAsync("doctor", "--tenant", "--script", "/nowhere/exchange.ps1", "--authority", $"{gateway.Lab.Web}", "--graph", $"{gateway.Lab.Web}graph/v1.0");
        Assert.Equal((1, "/nowhere/exchange.ps1 cannot be written: there is no folder /nowhere."), (script.Code, script.Error.TrimEnd()));
        var port = await gateway.RunAsync("signin", "--port", "5123");
        Assert.Equal((2, "--port belongs to --browser."), (port.Code, port.Error.TrimEnd().Split('\n')[0]));
        Assert.Empty(gateway.Lab.SignIns.Waiting);
    }

    [Theory]
    [InlineData(2, "--port belongs to --browser.", "--port", "5123")]
    [InlineData(1, "--port cannot be 70000", "--browser", "--port", "70000")]
    public async Task Wrong_ports_are_told(int code, string sentence, params string[] more)
    {
        await using var gateway = await Gateway.StartAsync();
        var end = await gateway.RunAsync(["doctor", "--tenant", .. more]);
        Assert.Equal((code, ""), (end.Code, end.Output));
        Assert.StartsWith(sentence, end.Error, StringComparison.Ordinal);
    }

    /// <summary>Its keyboard stays open, as a terminal's does.</summary>
    private static Process Start(Gateway gateway, params string[] arguments)
    {
        var command = new Process { StartInfo = Tool.Prepare(new ToolCall(ProgramFile.Path, [.. arguments, "--data", gateway.DataPath])) };
        command.Start();
        return command;
    }

    private static async Task<Uri> OpenedAsync(Process command) => new((await LineAsync(command, "  1. Open  "))["  1. Open  ".Length..]);

    private static async Task<string> LineAsync(Process command, string start)
    {
        while (await command.StandardOutput.ReadLineAsync(Cancel) is { } line)
            if (line.StartsWith(start, StringComparison.Ordinal)) return line;
        throw new InvalidOperationException($"It ended before it said: {start}\n{await command.StandardError.ReadToEndAsync(Cancel)}");
    }

    private static async Task EndAsync(Process command)
    {
        var rest = await command.StandardOutput.ReadToEndAsync(Cancel);
        await command.WaitForExitAsync(Cancel);
        Assert.True(command.ExitCode == 0, $"{rest}\n{await command.StandardError.ReadToEndAsync(Cancel)}");
    }
}
