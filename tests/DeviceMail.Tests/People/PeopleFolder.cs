using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.People;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.People;

/// <summary>Registered users on a real disk, with a clock that the test moves.</summary>
internal sealed class PeopleFolder : IAsyncDisposable
{
    private readonly QueueFolder _folder = new();
    private SecretStore _secrets = null!;

    public PeopleFolder() => Open();

    public Database Database => _folder.Database;

    public FakeTimeProvider Time => _folder.Time;

    public SettingsStore Settings { get; private set; } = null!;

    public PersonRegister People { get; private set; } = null!;

    public PersonSignIns SignIns { get; private set; } = null!;

    public ActivityLog Activity { get; private set; } = null!;

    public string Path => _folder.Data.Path;

    public async Task SetAsync(Setting setting, string value) =>
        Assert.IsType<SettingsSave.Saved>(await Settings.SaveAsync(new Dictionary<string, string> { [setting.Name] = value }));

    public Task<PersonSave> TryAddAsync(string userId, PersonSecrets? secrets = null, string? address = null) =>
        People.SaveAsync(new Person { Id = 0, UserId = userId, Address = MailAddress.Parse(address ?? $"{userId}@contoso.example") }, secrets);

    public async Task<Person> AddAsync(string userId, PersonSecrets? secrets = null) => Assert.IsType<PersonSave.Saved>(await TryAddAsync(userId, secrets)).Person;

    /// <summary>Closes all, and opens it again.</summary>
    /// <param name="between">What happens to the secrets meanwhile.</param>
    public async Task ReopenAsync(Action<SecretStore>? between = null)
    {
        between?.Invoke(_secrets);
        _secrets.Dispose();
        await _folder.ReopenAsync();
        Open();
    }

    public static PersonSecrets Typed(string? password = null, string? number = null, string? card = null) => new() { Password = Of(password), IdNumber = Of(number), Card = Of(card) };

    public async ValueTask DisposeAsync()
    {
        _secrets.Dispose();
        await _folder.DisposeAsync();
    }

    private static Secret? Of(string? text) => text is null ? null : new Secret(text);

    private void Open()
    {
        _secrets = new SecretStore(_folder.Data, Keyring.Load(_folder.Data));
        Settings = new SettingsStore(Database);
        People = new PersonRegister(Database, _secrets, Settings);
        Activity = new ActivityLog(Database, Time);
        SignIns = new PersonSignIns(People, Settings, Activity, Time);
    }
}
