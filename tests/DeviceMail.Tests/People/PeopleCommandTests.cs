using System.Text.Json;
using DeviceMail.People;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.People;

/// <summary><c>devicemail people</c>, against a running gateway.</summary>
public sealed class PeopleCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task People_are_added_changed_listed_imported_exported_and_removed()
    {
        await using var gateway = await RelayGateway.StartAsync();
        using var folder = new Folder();
        Assert.Contains("No user is registered.", (await DoAsync(gateway, "people")).Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.In("password"), "canary-password\n", Cancel);
        await File.WriteAllTextAsync(folder.In("card"), "canary-card\n", Cancel);
        var made = await DoAsync(gateway, "people", "add", "anna", "--address", "anna@contoso.example", "--name", "Anna Öz", "--administrator",
            "--password-file", folder.In("password"), "--card-file", folder.In("card"), "--id-number", "generate", "--json");
        var number = JsonElement.Parse(made.Output).GetProperty("idNumber").GetString()!;
        Assert.Matches("^[0-9]{6}$", number);
        Assert.Equal("anna", gateway.Part<PersonRegister>().FindByIdNumber(number)!.UserId);
        var list = await DoAsync(gateway, "people", "--json");
        var anna = JsonElement.Parse(list.Output).GetProperty("people")[0];
        Assert.True(anna.GetProperty("hasPassword").GetBoolean() && anna.GetProperty("hasCard").GetBoolean() && anna.GetProperty("isAdministrator").GetBoolean());
        Assert.DoesNotContain(number, list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", made.Output + list.Output, StringComparison.Ordinal);
        await DoAsync(gateway, "people", "set", "ANNA", "--department", "Sales", "--id-number", "none");
        Assert.Equal(("Sales", "Anna Öz", false, true), (Anna(gateway).Department, Anna(gateway).DisplayName, Anna(gateway).HasIdNumber, Anna(gateway).HasCard));
        await File.WriteAllTextAsync(folder.In("bad.csv"), "UserId,Address\nben,ben@contoso.example\nchris,nowhere\n", Cancel);
        var refused = await RunAsync(gateway, "people", "import", folder.In("bad.csv"));
        Assert.Equal(1, refused.Code);
        Assert.Contains("Line 3, Address: “nowhere” is not a mail address.", refused.Error, StringComparison.Ordinal);
        Assert.Single(gateway.Part<PersonRegister>().All);
        await File.WriteAllTextAsync(folder.In("good.csv"), "UserId,Address,DisplayName\nben,ben@contoso.example,Ben\nanna,anna@contoso.example,Anna\n", Cancel);
        Assert.Contains("Nothing is saved yet.", (await DoAsync(gateway, "people", "import", folder.In("good.csv"), "--preview")).Output, StringComparison.Ordinal);
        Assert.Single(gateway.Part<PersonRegister>().All);
        Assert.Contains("1 user added, 1 changed, 0 unchanged.", (await DoAsync(gateway, "people", "import", folder.In("good.csv"))).Output, StringComparison.Ordinal);
        await DoAsync(gateway, "people", "export", folder.In("out.csv"));
        Assert.Contains("ben,Ben,ben@contoso.example,,,no", await File.ReadAllTextAsync(folder.In("out.csv"), Cancel), StringComparison.Ordinal);
        await DoAsync(gateway, "people", "remove", "anna");
        Assert.Equal("ben", Assert.Single(gateway.Part<PersonRegister>().All).UserId);
        Assert.Contains("There is no user “anna”.", (await RunAsync(gateway, "people", "set", "anna", "--name", "x")).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(gateway, "people", "add", "dora", "--address", "dora@contoso.example", "--id-number", "204816")).Code);
    }

    private static Person Anna(RelayGateway gateway) => gateway.Part<PersonRegister>().FindByUserId("anna")!;

    private static Task<CommandEnd> RunAsync(RelayGateway gateway, params string[] arguments) => GatewayDriver.CommandAsync([.. arguments, "--data", gateway.DataPath]);

    private static async Task<CommandEnd> DoAsync(RelayGateway gateway, params string[] arguments)
    {
        var end = await RunAsync(gateway, arguments);
        Assert.True(end.Code == 0, $"{end}");
        return end;
    }
}
