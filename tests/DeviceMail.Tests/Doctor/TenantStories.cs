using System.Text.Json;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Doctor;

/// <summary><c>devicemail doctor --tenant</c> as the command line shows it.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class TenantStories
{
    private const string Administrator = "admin@contoso.example";

    [Fact]
    public async Task The_command_looks_does_it_after_yes_and_sets_the_ids()
    {
        await using var gateway = await Gateway.StartAsync();
        using var folder = new Folder();
        gateway.Lab.Switches.UserConsentOff = true;

        var looked = await RunAsync(gateway, "--preview");
        Assert.True(looked.Code == 0, $"{looked}");
        Assert.Contains("to do    application          There is no application DeviceMail yet.", looked.Output, StringComparison.Ordinal);
        Assert.EndsWith($"Nothing was changed.{Environment.NewLine}", looked.Output, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Lab.Directory.Writes);

        var done = await RunAsync(gateway, "--yes", "--script", folder.In("exchange.ps1"), "--apply", Gateway.Mailbox);
        Assert.True(done.Code == 0, $"{done}");
        var client = Assert.Single(gateway.Lab.Directory.Applications).AppId;
        Assert.Contains($"devicemail accounts add {Gateway.Mailbox} --client-id {client}", done.Output, StringComparison.Ordinal);
        Assert.Equal(["Connect-ExchangeOnline", $"Set-CASMailbox -Identity '{Gateway.Mailbox}' -SmtpClientAuthenticationDisabled $false"], await File.ReadAllLinesAsync(folder.In("exchange.ps1"), TestContext.Current.CancellationToken));

        await gateway.SignInAsync();
        await gateway.HandInAsync("by the new application", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");

        var again = await RunAsync(gateway, "--yes", "--json");
        var facts = JsonElement.Parse(again.Output);
        Assert.Equal(("Done", false, client), (facts.GetProperty("stage").GetString(), facts.GetProperty("hasWork").GetBoolean(), facts.GetProperty("clientId").GetString()));
        Assert.Contains("2. Enter ", again.Error, StringComparison.Ordinal);
        Assert.Equal(4, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task Only_a_typed_yes_goes_on()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        foreach (var (typed, code, writes) in ((string, int, int)[])[("no\n", 1, 0), ("", 1, 0), ("yes\n", 0, 4)])
        {
            var command = Tool.RunAsync(new ToolCall(ProgramFile.Path, [.. Arguments(gateway), "--data", gateway.DataPath]) { Input = typed });
            await ApproveAsync(gateway, command);
            var end = await command;
            Assert.True(end.ExitCode == code, $"{end}");
            Assert.Contains("Type yes to go on: ", end.Output, StringComparison.Ordinal);
            Assert.Equal(writes, gateway.Lab.Directory.Writes);
        }
    }

    [Theory]
    [InlineData("doctor --preview", "--preview belongs to --tenant.")]
    [InlineData("doctor --tenant --json", "With --json nobody can be asked")]
    public async Task Wrong_use_is_told(string line, string sentence)
    {
        await using var gateway = await Gateway.StartAsync();
        var end = await gateway.RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (end.Code, end.Output));
        Assert.StartsWith(sentence, end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_ends_with_1_and_a_sentence()
    {
        await using var gateway = await Gateway.StartAsync();
        var end = await gateway.RunAsync("doctor", "--tenant", "scan@contoso.example", "--authority", "http://login.contoso.example");
        Assert.Equal((1, ""), (end.Code, end.Output));
        Assert.StartsWith("Sign-in address must begin with https://", end.Error, StringComparison.Ordinal);

        gateway.Lab.Switches.PublicClientFlowsOff = true;
        var refused = await gateway.RunAsync([.. Arguments(gateway), "--preview"]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("Microsoft refuses the administrator's sign-in.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("AADSTS7000218", refused.Error, StringComparison.Ordinal);
    }

    private static string[] Arguments(Gateway gateway) => ["doctor", "--tenant", "--authority", $"{gateway.Lab.Web}", "--graph", $"{gateway.Lab.Web}graph/v1.0"];

    private static async Task<CommandEnd> RunAsync(Gateway gateway, params string[] more)
    {
        var command = gateway.RunAsync([.. Arguments(gateway), .. more]);
        await ApproveAsync(gateway, command);
        return await command;
    }

    private static async Task ApproveAsync(Gateway gateway, Task command)
    {
        await LabGateway.EventuallyAsync(() => command.IsCompleted || gateway.Lab.SignIns.Waiting.Count > 0);
        if (!command.IsCompleted) Assert.Null(gateway.Lab.SignIns.Approve(gateway.Lab.SignIns.Waiting[0].UserCode, Administrator).Refusal);
    }
}
