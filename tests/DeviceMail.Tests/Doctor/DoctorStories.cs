using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Doctor;

/// <summary>The doctor as the command line shows it.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class DoctorStories
{
    [Fact]
    public async Task G1_2_the_command_ends_with_1_while_a_line_fails_and_with_0_after_the_repair()
    {
        await using var gateway = await Gateway.StartAsync();
        DoctorTests.Close(gateway.DataPath);
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForMailboxes = Gateway.Mailbox;

        var sick = await gateway.RunAsync("doctor");
        Assert.Equal(1, sick.Code);
        Assert.Contains("FAILED   smtp-auth-switch     The mailbox's own switch for SMTP AUTH stands in the way", sick.Output, StringComparison.Ordinal);
        Assert.Contains("Set-CASMailbox -Identity 'scan@contoso.example' -SmtpClientAuthenticationDisabled $false", sick.Output, StringComparison.Ordinal);
        Assert.Contains("It said: 535 5.7.139", sick.Output, StringComparison.Ordinal);

        gateway.Lab.Switches.SmtpAuthOffForMailboxes = "";
        var well = await gateway.RunAsync("doctor", Gateway.Mailbox);
        Assert.True(well.Code == 0, $"{well}");
        Assert.Matches(@"\n\d+ passed, \d+ to know, 0 failed, 0 unknown\s*$", well.Output);
    }

    [Fact]
    public async Task G1_3_version_and_build_stand_among_the_facts()
    {
        await using var gateway = await Gateway.StartAsync();
        DoctorTests.Close(gateway.DataPath);
        var end = await gateway.RunAsync("doctor", "--json");

        Assert.Equal(1, end.Code);
        var facts = System.Text.Json.JsonElement.Parse(end.Output);
        var version = facts.GetProperty("lines").EnumerateArray().Single(line => line.GetProperty("key").GetString() == "version");
        Assert.Contains("DeviceMail ", version.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Equal("Failed", facts.GetProperty("lines").EnumerateArray().Single(line => line.GetProperty("key").GetString() == "token").GetProperty("mark").GetString());
        Assert.Equal(1, facts.GetProperty("failed").GetInt32());
    }

    [Fact]
    public async Task An_account_that_is_not_there_is_refused_with_a_sentence()
    {
        await using var gateway = await Gateway.StartAsync();
        var end = await gateway.RunAsync("doctor", "nobody@contoso.example");
        Assert.Equal((1, ""), (end.Code, end.Output));
        Assert.StartsWith("There is no account nobody@contoso.example.", end.Error, StringComparison.Ordinal);
    }
}
